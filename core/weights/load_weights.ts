/**
 * Weights from published checkpoints.
 *
 * @module
 */
import type { HostTensor, Parameters } from "./parameters.ts";
import { isFloatFormat } from "./number_formats.ts";
import { parseSafetensors } from "./safetensors.ts";

/** Put before every name by PyTorch's wrappers and training scripts. */
const PREFIX = /^(?:module|state_dict|model)\./;

/** Which tensors of a file no forward pass reads: batch norm's counters, and a block that TRADES' WideResNet makes and never uses. */
const UNREAD = /(?:^|\.)num_batches_tracked$|^sub_block1\./;

/**
 * Loads a safetensors file into a network. Prefixes that every name shares, such as "module.", are taken off.
 *
 * @param model The network
 * @param bytes The whole file
 * @param origin Named in errors, e.g. the file's path
 * @param options `unread`: names of tensors that the file may hold and the network has no use for; `kept`: values of
 * weights that the file may lack, which then has no others
 * @throws {Error} If the file is damaged
 * @throws {TypeError} If a weight is missing, has another shape, is not finite, is of whole numbers, a negative
 * variance, or not this network's; nothing has changed then
 *
 * @example Usage
 * ```ts
 * import { createRandom, formatSafetensors, loadWeights, Parameters } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using parameters = new Parameters(createRandom(1));
 * const weight = parameters.create("fc.bias", [2], () => new Float32Array(2));
 * const bytes = formatSafetensors(new Map([["module.fc.bias", { shape: [2], data: Float32Array.of(3, 4) }]]), {});
 * loadWeights({ name: "tiny", parameters }, bytes, "tiny.safetensors");
 * assert.deepEqual([...await weight.data()], [3, 4]);
 * ```
 */
export function loadWeights(
  model: { readonly name: string; readonly parameters: Parameters },
  bytes: Uint8Array,
  origin: string,
  { unread, kept }: {
    readonly unread?: RegExp;
    readonly kept?: ReadonlyMap<string, HostTensor>;
  } = {},
): void {
  const content = parseSafetensors(bytes, origin);
  let tensors = new Map(
    [...content.tensors].map(([name, tensor]) => {
      return [name, { ...tensor, format: content.formats.get(name)! }];
    }),
  );
  const known = new Set(model.parameters.names);
  // The names of G's own weights begin with "model.".
  const isPrefix = (name: string) => PREFIX.test(name) && !known.has(name);
  while (tensors.size > 0 && [...tensors.keys()].every(isPrefix)) {
    tensors = new Map([...tensors].map(([name, tensor]) => [name.replace(PREFIX, ""), tensor]));
  }
  const read = [...tensors].filter(([name]) => !UNREAD.test(name) && !unread?.test(name));
  const extra = read.filter(([name]) => !known.has(name)).map(([name]) => name);
  // A deeper network of the same kind holds all the names of a shallower one: it must not pass for it.
  if (extra.length > 0 && [...known].every((name) => kept?.has(name) || tensors.has(name))) {
    throw new TypeError(
      `Cannot load the weights of ${origin} as ${model.name} has no "${
        extra[0]
      }": the file has ${extra.length} extra tensors`,
    );
  }
  for (const [name, { format }] of read) {
    if (known.has(name) && !isFloatFormat(format)) {
      throw new TypeError(
        `Cannot load the weights of ${origin} as "${name}" must be F32, F16, BF16 or F64: its dtype is ${format}`,
      );
    }
  }
  model.parameters.import(new Map<string, HostTensor>([...kept ?? [], ...read]), origin);
}
