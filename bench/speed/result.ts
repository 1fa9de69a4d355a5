/**
 * What a bench found, as `bench/results/bench-NAME.json`.
 *
 * @module
 */
import { join } from "node:path";
import { formatJson } from "../../cli/system/json.ts";
import { makeFolder, readJson, writeSafely } from "../../cli/system/safe_file.ts";
import { ratiosOf, type Spread, spreadOf } from "./statistics.ts";

/** Our side's name. */
export const OURS = "realign";

/** One side's measurements, one a round. */
export interface Measured extends Spread {
  readonly values: readonly number[];
}

/** Sides that do the same. */
export interface BenchGroup {
  /** E.g. "step", "batch 16". */
  readonly name: string;
  readonly unit: "ms" | "us" | "MiB";
  readonly sides: Readonly<Record<string, Measured>>;
  /** Theirs divided by ours, round by round: above 1, ours takes less. */
  readonly ratios: Readonly<Record<string, Spread>>;
  /** Shown, but no peer: a side that was helped beyond what its users do, or a variant of ours. */
  readonly aside: readonly string[];
  /** The peer of the least median. */
  readonly best?: { readonly side: string; readonly ratio: number };
  /** The ratio that was aimed at, and whether the best peer's reaches it. */
  readonly aim?: { readonly ratio: number; readonly reached: boolean };
}

/** A finished bench. */
export interface BenchResult {
  readonly version: 1;
  readonly kind: "bench";
  readonly name: string;
  readonly title: string;
  readonly quick: boolean;
  readonly threads: number;
  readonly date: string;
  readonly groups: readonly BenchGroup[];
  /** What was the same on both sides before anything was timed. */
  readonly agreement?: unknown;
  /** Sides that could not be measured, with the reason. */
  readonly failed: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, unknown>>;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly commit?: string;
  /** SHA-256 of the preset, with all that was changed of it. */
  readonly preset?: string;
}

/** How a group is judged. */
export interface GroupOptions {
  readonly unit?: BenchGroup["unit"];
  readonly aside?: readonly string[];
  readonly aim?: number;
}

/**
 * Sums the rounds of a group up.
 *
 * @param name The group's
 * @param rounds By side, one value a round
 * @param options Unit, sides that do not count as peers, what was aimed at
 */
export function groupOf(
  name: string,
  rounds: Readonly<Record<string, readonly number[]>>,
  { unit = "ms", aside = [], aim }: GroupOptions = {},
): BenchGroup {
  const sides = Object.fromEntries(
    Object.entries(rounds).map(([side, values]) => [side, { ...spreadOf(values), values }]),
  );
  const others = Object.keys(rounds).filter((side) => side !== OURS);
  const ratios = rounds[OURS]
    ? Object.fromEntries(others.map((side) => [side, ratiosOf(rounds[side], rounds[OURS])]))
    : {};
  const [best] = others.filter((side) => side in ratios && !aside.includes(side))
    .toSorted((a, b) => sides[a].median - sides[b].median);
  return {
    name,
    unit,
    sides,
    ratios,
    aside: aside.filter((side) => side in sides),
    ...(best && { best: { side: best, ratio: ratios[best].median } }),
    ...(best && aim !== undefined &&
      { aim: { ratio: aim, reached: ratios[best].median >= aim } }),
  };
}

/** Where a result stands. */
export function resultPath(folder: string, name: string): string {
  return join(folder, `bench-${name}.json`);
}

/** Keeps a result. */
export async function saveResult(folder: string, result: BenchResult): Promise<void> {
  await makeFolder(folder);
  await writeSafely(resultPath(folder, result.name), `${formatJson(rounded(result))}\n`);
}

/** A result that was kept; undefined where there is none of these facts, or the commit is not known. */
export async function keptResult(
  folder: string,
  name: string,
  facts: Pick<BenchResult, "quick" | "threads" | "commit" | "preset">,
): Promise<BenchResult | undefined> {
  const value = await readJson(resultPath(folder, name)) as BenchResult | undefined;
  const same = value?.kind === "bench" && value.version === 1 && value.quick === facts.quick &&
    value.threads === facts.threads && value.preset === facts.preset &&
    facts.commit !== undefined && value.commit === facts.commit;
  return same ? value : undefined;
}

/** Numbers in as many digits as say something; whole ones are counts, and stay. */
function rounded<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(
      value,
      (_, part) =>
        typeof part === "number" && !Number.isInteger(part) ? Number(part.toPrecision(5)) : part,
    ),
  );
}
