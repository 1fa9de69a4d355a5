/**
 * Labels of any task in a problem's file, by the places of their tensors.
 *
 * @module
 */
import type { HostTensor } from "@realign/core";
import * as tf from "@realign/core/tf";
import { mapTensors } from "../../../core/backend/containers.ts";

const nameAt = (name: string, path: string) => path === "" ? name : `${name}.${path}`;

/** What a file says beside its tensors: the labels that are whole numbers, parted by commas. */
export const WHOLE = "int32";

/**
 * Labels as tensors of a file.
 *
 * @param name What names begin with; that of labels which are one tensor
 * @param labels A tensor, or an object of tensors
 * @returns Tensors by name, and which of them are int32
 */
export function storeLabels(
  name: string,
  labels: tf.TensorContainer,
): { readonly tensors: Map<string, HostTensor>; readonly whole: string[] } {
  const tensors = new Map<string, HostTensor>();
  const whole: string[] = [];
  mapTensors(labels, (tensor, path) => {
    const own = nameAt(name, path);
    if (tensor.dtype === "int32") whole.push(own);
    tensors.set(own, { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) });
    return 0;
  });
  return { tensors, whole };
}

/**
 * Labels from a file's tensors.
 *
 * @param name What their names begin with
 * @param tensors Of the file
 * @param whole Names of those that are int32
 * @returns The tensor of this name, or an object of those whose names begin with it
 */
export function readLabels(
  name: string,
  tensors: ReadonlyMap<string, HostTensor>,
  whole: readonly string[],
): tf.TensorContainer {
  const read = (own: string, { shape, data }: HostTensor) =>
    tf.tensor(data, [...shape], whole.includes(own) ? "int32" : "float32");
  const single = tensors.get(name);
  if (single) return read(name, single);
  return Object.fromEntries(
    [...tensors].filter(([own]) => own.startsWith(`${name}.`))
      .map(([own, tensor]) => [own.slice(name.length + 1), read(own, tensor)]),
  );
}
