/**
 * What a probe asks of a system.
 *
 * @module
 */
import type { PlainObjective } from "../../attacks/objective.ts";
import type { Batch, Images } from "../../dataset.ts";
import type { Defense } from "../../defenses/defense.ts";
import type { Random } from "../../random.ts";
import type { TargetModel, TaskAdapter } from "../../task.ts";
import type * as tf from "../../tf.ts";

/** A system with its task. */
export interface Subject<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: Pick<TaskAdapter<O, L>, "objectives" | "logits" | "classOf">;
  readonly target: TargetModel<O>;
  readonly defense?: Defense;
}

/** The images of one question. */
export interface Asked<L> extends Pick<Batch<L>, "labels" | "count"> {
  readonly images: Images;
  /** For noise and the draws of a random defense. */
  readonly random: Random;
}

/** The first objective of a task that needs the output only: its loss. */
export function lossOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { objectives }: Subject<O, L>["task"],
): PlainObjective<O, L> | undefined {
  return Object.values(objectives).find((objective) => typeof objective === "function");
}
