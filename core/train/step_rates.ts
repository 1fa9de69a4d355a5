/**
 * The rates of a step of Algorithm 1, and of its rivals.
 *
 * @module
 */
import type { GeneratorTraining } from "../preset.ts";
import type { StepRates } from "./algorithm_1.ts";
import type { MovingAverage } from "./average.ts";
import type { Method } from "./method.ts";
import { learningRateAt } from "./schedule.ts";

/** The rates by step: both schedules, and how much of the old average is kept. */
export function stepRates(
  { schedule, discriminatorSchedule }: Pick<
    GeneratorTraining,
    "schedule" | "discriminatorSchedule"
  >,
  average: Pick<MovingAverage, "rateAt">,
): Method<never, never, StepRates>["rates"] {
  return (step, totalSteps) => ({
    learningRate: learningRateAt(schedule, step, totalSteps),
    discriminatorLearningRate: learningRateAt(discriminatorSchedule, step, totalSteps),
    averaging: average.rateAt(step),
  });
}
