/**
 * What an attacker can search who knows a defense that searches for vectors.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Defense } from "../defenses/defense.ts";
import * as tf from "../tf.ts";
import {
  type Ascent,
  ascentAt,
  type Asked,
  type Query,
  recordedQuery,
  type Victim,
} from "./victim.ts";

/**
 * The manifold of a victim behind a defense, with exact gradients of O at the images of vectors: no search lies between.
 *
 * @param defense The victim's, if any
 * @param answer O's output on restored images
 * @param variables Weights that may change
 * @returns A part of the victim; nothing for a defense without a manifold
 */
export function manifoldBehind<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  defense: Pick<Defense, "manifold"> | undefined,
  answer: (images: Images) => O,
  variables: readonly tf.Variable[],
): Pick<Victim<O, L>, "manifold"> {
  const { manifold } = defense ?? {};
  if (!manifold) return {};
  return {
    manifold: {
      async nearest(images, random) {
        const latents = await manifold.nearest(images, random);
        try {
          const [batch, count] = latents.shape;
          return tf.reshape(latents, [batch, 1, 1, count]);
        } finally {
          latents.dispose();
        }
      },
      ascend<
        G extends tf.TensorContainerObject & { readonly clean: Images },
        R extends tf.TensorContainer,
      >(
        ask: (output: O, images: Images, given: G) => Asked<R>,
        name: string,
      ): Query<G, Ascent<R>> {
        interface Inputs extends tf.TensorContainerObject {
          readonly images: Images;
          readonly given: G;
        }
        const step = ({ images: latents, given }: Inputs) => {
          const [batch, height, width] = given.clean.shape;
          return ascentAt(latents, (z) => {
            const restored = manifold.generate(tf.reshape(z, [batch, -1]), [height, width]);
            return ask(answer(restored), restored, given);
          });
        };
        return recordedQuery(step, { name, variables }, () => ({}));
      },
    },
  };
}
