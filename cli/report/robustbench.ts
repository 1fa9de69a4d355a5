/**
 * An evaluation in the words of RobustBench's list of models.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, UNDEFENDED } from "@realign/core";
import type { AttackSettings } from "@realign/core/attacks";
import { subjectsOf } from "./compared_rows.ts";

/** The radius that the list is about. */
const EPSILON = 8 / 255;
/** Images of the official test sets. */
const COUNT = 10_000;
const DATASETS = ["cifar10", "cifar100"];

/**
 * The fields of a file of RobustBench's `model_info` (`robustbench/model_info/DATASET/Linf/NAME.json`). Numbers are
 * text there. What only the authors know is left empty, to be filled in.
 */
export interface ModelInfo {
  readonly link: string;
  readonly name: string;
  readonly authors: string;
  readonly additional_data: boolean;
  readonly number_forward_passes: number;
  readonly dataset: string;
  readonly venue: string;
  readonly architecture: string;
  readonly eps: "8/255";
  readonly clean_acc: string;
  /** What the authors' own evaluation found: here the worst case over all attackers. */
  readonly reported: string;
  readonly autoattack_acc: string;
  readonly footnote: string;
}

/** What the list asks of an evaluation, as far as it is known before the attacks. */
export interface Listable {
  readonly dataset: string;
  readonly split: string;
  readonly count: number;
  /** Settings of attacks through the whole system. */
  readonly attacks: readonly AttackSettings[];
}

/**
 * Fails where the list would not take an evaluation: other images, another attack, another epsilon.
 *
 * @throws {RangeError} In one line, with what it takes
 */
export function assertListable({ dataset, split, count, attacks }: Listable): void {
  if (!DATASETS.includes(dataset)) {
    refuse(`its lists are of ${DATASETS.join(" and ")}: this is ${dataset}`);
  }
  if (split !== "test" || count !== COUNT) {
    refuse(`it takes all ${COUNT} test images: ${count} of the ${split} split are measured`);
  }
  const found = attacks.find(isStandard) ??
    refuse("it takes AutoAttack, version standard, L-infinity: use --suite standard");
  if (Math.abs(found.epsilon - EPSILON) > 1e-9) {
    refuse(
      `it takes epsilon 8/255 exactly: this is ${found.epsilon}; set --evaluation.threatModels.whitebox.attacks.autoattack.epsilon=8/255`,
    );
  }
}

/**
 * Fills in what an evaluation knows.
 *
 * @param evaluation With AutoAttack, version "standard", through the first system that was trained for O
 * @returns The fields
 * @throws {RangeError} If the list would not take it: another dataset, other images, epsilon or attack, a defense that
 * is random or has no gradient
 */
export function modelInfoOf(evaluation: Evaluation): ModelInfo {
  const { dataset, rows, target } = evaluation;
  const [subject] = subjectsOf(evaluation);
  const system = subject?.name ?? UNDEFENDED;
  const through = rows.filter((row) =>
    row.system === system && row.threatModel === "whitebox" && row.measured === undefined
  );
  const attacks = through.flatMap(({ settings }) => settings ?? []);
  const { split, count } = dataset;
  assertListable({ dataset: dataset.name, split, count, attacks });
  const found = through.find(({ settings }) => settings && isStandard(settings))!;
  if (found.passes !== undefined || (found.gradient ?? "exact") !== "exact") {
    refuse(
      `it takes deterministic defenses with an exact gradient: ${
        subject?.title ?? system
      } is random, or has none`,
    );
  }
  const clean = rows.find((row) => row.system === system && row.threatModel === "none")!;
  const worst = evaluation.worst?.find((row) => row.system === system) ?? found;
  return {
    link: "",
    name: "",
    authors: "",
    additional_data: false,
    number_forward_passes: 1,
    dataset: dataset.name,
    venue: "",
    architecture: subject ? `${subject.title} + ${target.architecture}` : target.architecture,
    eps: "8/255",
    clean_acc: twoDecimals(clean),
    reported: twoDecimals(worst),
    autoattack_acc: twoDecimals(found),
    footnote: subject
      ? `The classifier (${target.architecture}) is frozen and was not trained for robustness; ${subject.title} restores its inputs. Images have the digest ${
        dataset.digest.slice(0, 16)
      }.`
      : "",
  };
}

function refuse(why: string): never {
  throw new RangeError(`Cannot write an entry for RobustBench as ${why}`);
}

/** Whether an attack is AutoAttack as the list runs it. */
function isStandard({ name, version = "standard", norm = "linf" }: AttackSettings): boolean {
  return name === "autoattack" && version === "standard" && norm === "linf";
}

const twoDecimals = ({ metric }: EvaluationRow) => (100 * metric.value).toFixed(2);
