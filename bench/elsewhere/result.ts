/**
 * What onnxruntime and Realign say of the same images, as `bench/results/elsewhere.json`.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";

/** One chain of models on one set of images. */
export interface ElsewhereRow {
  /** What onnxruntime ran. */
  readonly chain: string;
  /** "clean" or "adversarial". */
  readonly images: string;
  /** Share of right answers, in [0, 1]. */
  readonly onnxruntime: number;
  readonly realign: number;
  /** Images that one of them is right about and the other wrong. */
  readonly different: number;
}

/** The whole way of a network from PyTorch and back. */
export interface ElsewhereResult {
  readonly version: 1;
  readonly kind: "elsewhere";
  readonly date: string;
  readonly preset: string;
  /** Test images. */
  readonly images: number;
  /** What PyTorch said of its own network. */
  readonly pytorch: { readonly accuracy: number; readonly epochs: number };
  readonly rows: readonly ElsewhereRow[];
  readonly environment: object;
}

/** Classes that a chain of models gave, by images. */
export type Answers = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** The systems of an evaluation that chains stand for. */
const [ALONE, DEFENDED] = ["none", "generator"];

/**
 * Puts onnxruntime's answers beside an evaluation's.
 *
 * @param answers By chain, then images
 * @param labels The true class of each image
 * @param evaluation Of the same images
 * @returns A row for each; a chain is the defended one if its name says "defense" or "system"
 * @throws {Error} If the evaluation does not say which images were right
 */
export function compareAnswers(
  answers: Answers,
  labels: readonly number[],
  { rows }: Pick<Evaluation, "rows">,
): ElsewhereRow[] {
  return Object.entries(answers).flatMap(([chain, byImages]) => {
    const name = /defense|system/.test(chain) ? DEFENDED : ALONE;
    return Object.entries(byImages).map(([images, classes]) => {
      const threatModel = images === "clean" ? "none" : "oblivious";
      const attack = images === "clean" ? "clean" : "pgd";
      const outcomes = rows.find((row) =>
        row.system === name && row.threatModel === threatModel && row.attack === attack
      )?.outcomes;
      if (outcomes?.length !== labels.length) {
        throw new Error(`Cannot compare ${chain} as the evaluation has no outcomes of ${attack}`);
      }
      const right = labels.map((label, index) => classes[index] === label);
      const share = (count: number) => Number((count / labels.length).toFixed(4));
      return {
        chain,
        images,
        onnxruntime: share(right.filter(Boolean).length),
        realign: share(outcomes.split("").filter((outcome) => outcome === "1").length),
        different: right.filter((is, index) => is !== (outcomes[index] === "1")).length,
      };
    });
  });
}
