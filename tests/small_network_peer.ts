/**
 * Attacks of other libraries on the small network that attacks are compared on.
 */
import * as tf from "@realign/core/tf";
import { networkWeights } from "../core/testing/victims.ts";
import { askPeer } from "./peer.ts";

/** What a library makes of the network and its attacks. */
export interface PeerAnswer {
  /** On the clean images, one after the other. */
  readonly logits: readonly number[];
  /** `[B, H, W, 3]`, attack by attack. */
  readonly adversarial: readonly tf.Tensor4D[];
}

/**
 * Attacks the small network in Python.
 *
 * @param script Of tests/peers
 * @param seed Of the network's weights
 * @param clean `[B, H, W, 3]`
 * @param labels `[B]`
 * @param attacks As the script understands them
 */
export async function attackedByPeer(
  script: string,
  seed: number,
  clean: tf.Tensor4D,
  labels: tf.Tensor1D,
  attacks: readonly unknown[],
): Promise<PeerAnswer> {
  const plain = (
    entry: { readonly shape: readonly number[]; readonly values: Iterable<number> },
  ) => ({
    shape: entry.shape,
    values: [...entry.values],
  });
  const { logits, adversarial } = await askPeer<{ logits: number[][]; adversarial: number[][] }>(
    script,
    {
      weights: Object.fromEntries(
        Object.entries(networkWeights(seed)).map(([name, entry]) => [name, plain(entry)]),
      ),
      images: plain({ shape: clean.shape, values: clean.dataSync() }),
      labels: [...labels.dataSync()],
      attacks,
    },
  );
  return {
    logits: logits.flat(),
    adversarial: adversarial.map((images) => tf.tensor4d(images, clean.shape)),
  };
}
