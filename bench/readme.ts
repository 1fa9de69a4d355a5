/**
 * `deno task readme`: writes the committed results into README.md. No figure in it is typed by hand.
 *
 * @module
 */
import { parseEvaluation } from "../cli/files/evaluation_file.ts";
import { type CommittedResult, resultsTable } from "./results_table.ts";

const root = new URL("..", import.meta.url);
const folder = "bench/results";
const [begin, end] = ["<!-- results: deno task readme -->", "<!-- end of results -->"];

/** Reads every evaluation of bench/results, in the order of their names. */
export async function readResults(): Promise<CommittedResult[]> {
  const names = await Array.fromAsync(Deno.readDir(new URL(folder, root)), ({ name }) => name);
  const results: CommittedResult[] = [];
  for (const name of names.filter((name) => name.endsWith(".json")).sort()) {
    const file = `${folder}/${name}`;
    const value: unknown = JSON.parse(await Deno.readTextFile(new URL(file, root)));
    // Measurements of other kinds stand in the same folder.
    if (typeof value !== "object" || value === null || !("rows" in value)) continue;
    results.push({ file, evaluation: parseEvaluation(value, file) });
  }
  return results;
}

/**
 * Puts results between the two marks of the README.
 *
 * @param readme The whole file
 * @param results What is shown
 * @returns The file with its results replaced
 * @throws {Error} If a mark is missing
 */
export function withResults(readme: string, results: readonly CommittedResult[]): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error("Cannot find the marks of the results in README.md");
  const table = resultsTable(results);
  const text = table === "" ? "\n" : `\n${table}\n`;
  return readme.slice(0, from + begin.length) + text + readme.slice(to);
}

if (import.meta.main) {
  const path = new URL("README.md", root);
  await Deno.writeTextFile(path, withResults(await Deno.readTextFile(path), await readResults()));
}
