/**
 * The model card of an exported model: Markdown with Hugging Face's fields.
 *
 * @module
 */
import type { ExportedFigure, ExportFacts } from "../stages/export_facts.ts";
import { attackLabel, brokenNote, figure, percent, sentence } from "./labels.ts";

/** A tensor that goes in or comes out. */
export interface CardTensor {
  readonly name: string;
  readonly dtype: string;
  /** -1 is free. */
  readonly shape: readonly number[];
}

/** What a card tells besides the facts. */
export interface CardModel {
  /** The format's title. */
  readonly format: string;
  /** The name that Hugging Face has for who opens it. */
  readonly library: string;
  readonly files: readonly string[];
  readonly inputs: readonly CardTensor[];
  readonly outputs: readonly CardTensor[];
  /** What was compared when it was written, in a sentence without its end. */
  readonly checked: string;
}

const PARTS: Readonly<Record<ExportFacts["part"], string>> = {
  defense: "A network that restores images which may carry adversarial perturbations",
  system: "A network that restores images, and behind it the network that it protects",
  target: "A network without a defense",
};

/** Writes the card. */
export function modelCard(facts: ExportFacts, model: CardModel): string {
  const { part, target, dataset, run, preset, warnings, figures } = facts;
  return [
    ...frontMatter(facts, model),
    "",
    `# ${facts.producer.split(" ")[0]}: ${part} of ${preset}`,
    "",
    `${PARTS[part]}. Target ${target}, data ${dataset}, run ${run}, made by ${facts.producer}.`,
    "",
    "## What to beware of",
    "",
    ...(warnings.length > 0 ? warnings : ["Nothing is known"]).map((one) => `- ${sentence(one)}.`),
    "",
    "## Inputs and outputs",
    "",
    `Format: ${model.format}; files: ${
      model.files.join(", ")
    }. Images are RGB in [0, 1]; resizing and normalisation are inside.`,
    "",
    "| | name | type | shape |",
    "|---|---|---|---|",
    ...model.inputs.map((tensor) => tensorRow("in", tensor)),
    ...model.outputs.map((tensor) => tensorRow("out", tensor)),
    "",
    `${sentence(model.checked)}.`,
    "",
    "## Figures",
    "",
    ...figureTable(figures, part),
    "",
  ].join("\n");
}

/** Hugging Face's fields. JSON strings are YAML, whatever is in them. */
function frontMatter(
  { part, task, dataset, preset, figures }: ExportFacts,
  { library }: CardModel,
): string[] {
  const clean = figures.find(({ threatModel }) => threatModel === "none");
  return [
    "---",
    "license: other",
    'license_name: "to be chosen by who publishes it"',
    `library_name: ${library}`,
    ...(part === "defense" ? ["pipeline_tag: image-to-image"] : []),
    "tags:",
    ...["adversarial-robustness", "realign", task, preset].map((tag) => `- ${JSON.stringify(tag)}`),
    "datasets:",
    `- ${JSON.stringify(dataset)}`,
    ...(clean ? ["metrics:", `- ${JSON.stringify(clean.metric)}`] : []),
    "---",
  ];
}

function tensorRow(way: string, { name, dtype, shape }: CardTensor): string {
  const sides = shape.map((side, axis) => side >= 0 ? side : axis === 0 ? "batch" : "free");
  return `| ${way} | \`${name}\` | ${dtype} | [${sides.join(", ")}] |`;
}

function figureTable(figures: readonly ExportedFigure[], part: ExportFacts["part"]): string[] {
  if (figures.length === 0) return ["Nothing was measured: `realign evaluate RUN` does."];
  const own = part === "target" ? "this model" : "with the defense";
  const hasOther = part !== "target";
  const marks = brokenNote(figures);
  return [
    `| attacker | attack | metric | ${own}, % |${hasOther ? " without, % |" : ""} images |`,
    `|---|---|---|--:|${hasOther ? "--:|" : ""}--:|`,
    ...figures.map(({ threatModel, attack, metric, value, undefended, count, alarms }) => {
      const alone = undefended === undefined ? "" : percent(undefended);
      const other = hasOther ? ` ${alone} |` : "";
      const who = threatModel === "none" ? "nobody" : threatModel;
      return `| ${who} | ${attackLabel(attack)} | ${metric} | ${
        figure({ metric: { value }, alarms })
      } |${other} ${count} |`;
    }),
    ...(marks === undefined ? [] : ["", `${sentence(marks)}.`]),
  ];
}
