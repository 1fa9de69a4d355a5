/**
 * What an attack is given of a system.
 *
 * @module
 */
import type { Victim } from "../attacks/attack.ts";
import type { Defense } from "../defenses/defense.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";

/** Why an attack cannot go through a defense; undefined where it can. */
export function victimRefusal(defense: Defense | undefined): string | undefined {
  if (!defense) return undefined;
  const through = `Cannot attack through "${defense.name}" as`;
  if (!defense.gradient?.exact) return `${through} it has no exact gradient`;
  if (defense.gradient.draw) return `${through} it draws noise in every pass`;
  return undefined;
}

/**
 * A target model, behind a defense if that is attacked too, as one differentiable model.
 *
 * @param parts The task and the target model
 * @param defense What stands before it
 * @returns The victim
 * @throws {RangeError} If the defense has no exact gradient, or draws noise
 */
export function victimOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, target }: { readonly task: TaskAdapter<O, L>; readonly target: TargetModel<O> },
  defense?: Defense,
): Victim<O, L> {
  const refusal = victimRefusal(defense);
  if (refusal !== undefined) throw new RangeError(refusal);
  const gradient = defense?.gradient;
  return {
    name: defense ? `${target.name} behind ${defense.name}` : target.name,
    forward: (images) => target.forward(gradient ? gradient.apply(images, {}) : images),
    objectives: task.objectives,
    logits: task.logits?.bind(task),
    classOf: task.classOf?.bind(task),
  };
}
