/**
 * Walks the nested arrays and objects that a step may return.
 *
 * @module
 */
import * as tf from "../tf.ts";

/** Tensors by place, put back where they belong. */
type Rebuild = (tensorAt: (place: number) => tf.Tensor) => tf.TensorContainer;

/**
 * Visits the tensors of a container in a fixed order.
 *
 * @param container A tensor, or arrays and objects of them at any depth
 * @param visit Called with each tensor and its path, e.g. "heads.0.boxes"; returns its place
 * @param path Of the container
 * @returns A function that builds a container of the same structure from other tensors
 */
export function mapTensors(
  container: tf.TensorContainer,
  visit: (tensor: tf.Tensor, path: string) => number,
  path = "",
): Rebuild {
  const below = (key: string | number) => path === "" ? `${key}` : `${path}.${key}`;
  if (container instanceof tf.Tensor) {
    const place = visit(container, path);
    return (tensorAt) => tensorAt(place);
  }
  if (Array.isArray(container)) {
    const parts = container.map((part, index) => mapTensors(part, visit, below(index)));
    return (tensorAt) => parts.map((part) => part(tensorAt));
  }
  if (container !== null && typeof container === "object") {
    const parts = Object.entries(container).map(([key, part]) =>
      [key, mapTensors(part as tf.TensorContainer, visit, below(key))] as const
    );
    return (tensorAt) => Object.fromEntries(parts.map(([key, part]) => [key, part(tensorAt)]));
  }
  return () => container;
}

/** A container of the same structure, with a copy of each tensor. */
export function copied<C extends tf.TensorContainer>(
  container: C,
  copy: (tensor: tf.Tensor) => tf.Tensor,
): C {
  const tensors: tf.Tensor[] = [];
  const rebuild = mapTensors(container, (tensor) => tensors.push(copy(tensor)) - 1);
  return rebuild((place) => tensors[place]) as C;
}

/** The tensors of a container, in the order in which `mapTensors` visits them. */
export function tensorsIn(container: tf.TensorContainer): tf.Tensor[] {
  const tensors: tf.Tensor[] = [];
  mapTensors(container, (tensor) => tensors.push(tensor) - 1);
  return tensors;
}

/** What two containers have in common if a recording for one does for the other: names, types, shapes, values that are no tensors. */
export function signatureOf(container: tf.TensorContainer): string {
  return JSON.stringify(
    container,
    (_, part) => part instanceof tf.Tensor ? `${part.dtype}[${part.shape}]` : part,
  );
}
