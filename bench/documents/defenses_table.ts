/**
 * What defenses cost, as a table for the documents.
 *
 * @module
 */
import { type DefenseFacts, GROUPS } from "../speed/defense_costs.ts";
import { type BenchResult, OURS } from "../speed/result.ts";
import { figure } from "../speed/summary.ts";
import { table } from "./markdown_table.ts";

/** What is told of the defenses, by name. */
type Facts = Readonly<Record<string, DefenseFacts>>;

/**
 * Writes the costs of defenses as Markdown, a row each; a cell is empty where there is nothing to measure.
 *
 * @param result Of `deno task bench defenses`
 * @returns The table, and below it what its figures are of
 */
export function defensesTable({ groups, settings, threads, commit }: BenchResult): string {
  const defenses = settings.defenses as Facts;
  const median = (group: string, side: string) =>
    groups.find(({ name }) => name === group)?.sides[side]?.median;
  const heading = [
    "Defense",
    "Parameters",
    "Training step, ms",
    "Whole training, minutes",
    "Memory, training, MiB",
    "An image, ms",
    "Memory, restoring, MiB",
  ];
  const lines = Object.entries(defenses).map(([side, { title, parameters, steps }]) => {
    const step = median(GROUPS.step, side);
    const minutes = step === undefined || steps === undefined ? undefined : steps * step / 60_000;
    const figures = [
      step,
      minutes,
      median(GROUPS.training, side),
      median(GROUPS.image, side),
      median(GROUPS.restoring, side),
    ];
    return [
      title,
      parameters?.toLocaleString("en-US") ?? "",
      ...figures.map((value) => value === undefined ? "" : figure(value)),
    ];
  });
  const place = commit === undefined ? "" : `, commit ${commit.slice(0, 7)}`;
  return [
    table([heading, ...lines], (column) => column > 0),
    "",
    `On ${threads} ${threads === 1 ? "thread" : "threads"}${place}: ` +
    `[bench/results/bench-defenses.json](../bench/results/bench-defenses.json). ${
      trainedOn(defenses, settings.trainingImages as number | undefined)
    }${restoredBy(defenses)}`,
  ].join("\n");
}

/** The images of trainings. */
function trainedOn(defenses: Facts, images: number | undefined): string {
  const sizes = Object.values(defenses).flatMap(({ batchSize }) => batchSize ?? []);
  const steps = `A step has ${[...new Set(sizes)].join(" or ")} images`;
  return images === undefined
    ? `${steps}. `
    : `${steps}, a training set ${images.toLocaleString("en-US")}. `;
}

/** How many images are restored at a time, and by what if it is not as many as by G. */
function restoredBy(defenses: Facts): string {
  const usual = defenses[OURS]?.images;
  const others = Object.values(defenses)
    .filter(({ images }) => images !== undefined && images !== usual)
    .map(({ title, images, options = {} }) => {
      const values = Object.entries(options).filter(([name]) =>
        !["name", "protocol"].includes(name)
      );
      return `${images} by ${title} (${values.map((value) => value.join(" ")).join(", ")})`;
    });
  return `Images are restored ${[`${usual} at a time`, ...others].join(", ")}.`;
}
