/**
 * A victim that sees another version of the images in every step.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import { drawPlacement, place, type Placement, pullBack } from "../shrink_and_pad.ts";
import * as tf from "../tf.ts";
import { requireGradient } from "./decisions.ts";
import type { Ascent, Asked, Query, Victim } from "./victim.ts";

/** How images are varied. */
export interface Diversity {
  /** Share of images that are varied in a step. */
  readonly probability: number;
  /** Smallest size of a varied image, as a fraction of its own. */
  readonly smallest: number;
}

/**
 * A victim whose gradients are those at images that were shrunk and padded at random (Xie et al. 2019),
 * each with `probability`, drawn anew for every query and pulled back exactly. Its forward passes
 * are the victim's own.
 *
 * @param victim The victim
 * @param attack Name for error messages
 * @param diversity How images are varied
 * @returns The victim; gains that come with a gradient are those at the varied images
 * @throws {RangeError} If the victim has no gradient
 */
export function diverseVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
  attack: string,
  diversity: Diversity,
): Victim<O, L> {
  const ascend = requireGradient(victim, attack);
  return {
    ...victim,
    ascend<G extends tf.TensorContainer, R extends tf.TensorContainer>(
      ask: (output: O, given: G) => Asked<R>,
      name: string,
    ): Query<G, Ascent<R>> {
      const asked = ascend(ask, name);
      const vary = record(
        ({ images, ...placement }: Placement & { images: Images }) => place(images, placement),
        { name: `${name}: diverse inputs` },
      );
      const back = record(
        ({ gradients, ...placement }: Placement & { gradients: Images[] }) =>
          gradients.map((gradient) => pullBack(gradient, placement)),
        { name: `${name}: gradient of diverse inputs` },
      );
      const query = async (images: Images, given: G, random: Random) => {
        using held = new HeldTensors();
        const settings = { ...diversity, perImage: true };
        const placement = held.keep(
          drawPlacement(images.shape, settings, random.fork("diversity")),
        );
        const varied = held.keep(vary({ images, ...placement }));
        const { gradients, ...rest } = await asked(varied, given, random);
        held.keep(gradients);
        try {
          return { ...rest, gradients: back({ gradients, ...placement }) };
        } catch (error) {
          tf.dispose(rest);
          throw error;
        }
      };
      return Object.assign(query, {
        [Symbol.dispose]() {
          for (const part of [asked, vary, back]) part[Symbol.dispose]();
        },
      });
    },
  };
}
