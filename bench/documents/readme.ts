/**
 * `deno task readme`: writes the committed results into the documents. No figure there is typed by hand.
 *
 * @module
 */
import { parseEvaluation } from "../../cli/runs/evaluation_file.ts";
import { markdownTable } from "../paper/markdown.ts";
import type { PaperTable } from "../paper/paper_table.ts";
import { certificateTable, type CommittedCertificates } from "./certificate_table.ts";
import { alarmsTable } from "./alarms_table.ts";
import { defensesTable } from "./defenses_table.ts";
import { type CommittedFeatures, featuresTable } from "./features_table.ts";
import { type CommittedResult, resultsTable } from "./results_table.ts";
import { DEFENSES } from "../speed/defense_costs.ts";
import type { BenchResult } from "../speed/result.ts";
import type { SoakResult } from "../soak/main.ts";
import type { PageResult } from "../page/command.ts";
import type { ElsewhereResult } from "../elsewhere/result.ts";
import type { ServeResult } from "../serve/command.ts";
import type { ModelsResult } from "../models/result.ts";
import { modelsTable } from "./models_table.ts";
import { pageTable } from "./page_table.ts";
import type { WorkersResult } from "../workers/result.ts";
import type { StartResult } from "../start/result.ts";
import { startSentence } from "./start_table.ts";
import { workersTable } from "./workers_table.ts";
import { elsewhereTable } from "./elsewhere_table.ts";
import { serveTable } from "./serve_table.ts";
import { soakTable } from "./soak_table.ts";
import { summaryTable } from "../speed/summary.ts";
import { resultsSummary, speedSummary } from "./summary.ts";
import { type MoreImages, PAGE, wayOutcome, type WayResult, wayTable } from "../way/result.ts";

const root = new URL("../..", import.meta.url);
const folder = "bench/results";

/** Documents that show results, or what the code says. */
export const DOCUMENTS = [
  "README.md",
  "docs/export.md",
  "docs/results.md",
  "docs/rivals.md",
  "docs/serve.md",
  "docs/several_workers.md",
  "docs/targets.md",
  "docs/threat_models.md",
  "docs/your_own_model.md",
  PAGE,
];

/** Results of which there is one of a kind, by their `kind`. */
export interface OnlyResults {
  readonly elsewhere?: ElsewhereResult;
  readonly serve?: ServeResult;
  readonly models?: ModelsResult;
  readonly page?: PageResult;
  readonly workers?: WorkersResult;
  readonly start?: StartResult;
}

const ONLY = ["elsewhere", "serve", "models", "page", "workers", "start"] as const;

/** What is committed, by kind, each in the order of the files' names. */
export interface Committed {
  readonly evaluations: readonly CommittedResult[];
  readonly benches: readonly BenchResult[];
  readonly features: readonly CommittedFeatures[];
  readonly certificates?: readonly CommittedCertificates[];
  readonly soak?: SoakResult;
  /** Results of which there is one of a kind. */
  readonly only?: OnlyResults;
  /** By the files' names, without ".json". */
  readonly tables: Readonly<Record<string, PaperTable>>;
  /** The way of a new user, if it was walked, and a run of the same model on more images. */
  readonly way?: { readonly result: WayResult; readonly more: MoreImages };
}

/** Reads all of bench/results. */
export async function readCommitted(): Promise<Committed> {
  const names = await Array.fromAsync(Deno.readDir(new URL(folder, root)), ({ name }) => name);
  const evaluations: CommittedResult[] = [];
  const benches: BenchResult[] = [];
  const features: CommittedFeatures[] = [];
  const certificates: CommittedCertificates[] = [];
  const tables: Record<string, PaperTable> = {};
  let walked: WayResult | undefined;
  let soak: SoakResult | undefined;
  const only: Record<string, unknown> = {};
  for (const name of names.filter((name) => name.endsWith(".json")).sort()) {
    const file = `${folder}/${name}`;
    const value = JSON.parse(await Deno.readTextFile(new URL(file, root)));
    if (value.kind === "bench") benches.push(value);
    else if (value.kind === "way") walked = value;
    else if (ONLY.includes(value.kind)) only[value.kind] = value;
    else if (value.kind?.startsWith("table-")) tables[name.replace(/\.json$/, "")] = value;
    else if ("measures" in value) features.push(value);
    else if ("wanted" in value) certificates.push(value);
    else if ("ends" in value) soak = value;
    // Beside an evaluation stands what it was made from.
    else if ("rows" in value) evaluations.push({ file, evaluation: parseEvaluation(value, file) });
  }
  const way = walked && { result: walked, more: await readMore() };
  return { evaluations, benches, features, certificates, soak, only, tables, way };
}

/** The way's model, trained and evaluated on many more images. */
async function readMore(): Promise<MoreImages> {
  const read = async (file: string) =>
    JSON.parse(await Deno.readTextFile(new URL(`${folder}/${file}`, root)));
  const file = `${folder}/cifar10-resnet20.run.json`;
  const run = await read("cifar10-resnet20.run.json");
  const evaluation = parseEvaluation(await read("cifar10-resnet20.json"), file);
  return { file, evaluation, run };
}

/** The blocks of documents by name. */
function blocksOf(
  { evaluations, benches, features, certificates = [], soak, only = {}, tables, way }: Committed,
): Record<string, string> {
  const { elsewhere, serve, models, page, workers, start } = only;
  // What defenses cost is no comparison with PyTorch.
  const speeds = benches.filter(({ name }) => name !== DEFENSES);
  const costs = benches.find(({ name }) => name === DEFENSES);
  return {
    way: way ? wayTable(way.result, way.more) : "",
    "way result": way ? wayOutcome(way.result, way.more) : "",
    alarms: alarmsTable(),
    summary: resultsSummary(evaluations),
    results: resultsTable(evaluations),
    "all defenses": resultsTable(evaluations, "all"),
    features: featuresTable(features),
    certificates: certificateTable(certificates),
    soak: soak ? soakTable(soak) : "",
    elsewhere: elsewhere ? elsewhereTable(elsewhere) : "",
    serve: serve ? serveTable(serve) : "",
    models: models ? modelsTable(models) : "",
    page: page ? pageTable(page) : "",
    workers: workers ? workersTable(workers) : "",
    start: start ? startSentence(start) : "",
    speed: speedSummary(benches),
    "all speeds": speeds.length > 0 ? summaryTable(speeds) : "",
    defenses: costs ? defensesTable(costs) : "",
    ...Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [name, markdownTable(table).trim()]),
    ),
  };
}

/**
 * Puts results between the marks of a document.
 *
 * @param document The whole text; a block stands between `<!-- NAME: deno task readme -->` and `<!-- end of NAME -->`
 * @param committed What is shown
 * @returns The text with its blocks replaced
 * @throws {Error} If a block is unknown or has no end
 */
export function withResults(document: string, committed: Committed): string {
  const blocks = blocksOf(committed);
  return document.replaceAll(
    /<!-- (.+): deno task readme -->[^]*?(?:<!-- end of \1 -->|$)/g,
    (whole, name: string) => {
      const [begin, end] = [`<!-- ${name}: deno task readme -->`, `<!-- end of ${name} -->`];
      if (!(name in blocks) || !whole.endsWith(end)) {
        throw new Error(`Cannot fill the block "${name}" as it is unknown or has no end`);
      }
      return `${begin}\n${blocks[name] === "" ? "" : `\n${blocks[name]}\n\n`}${end}`;
    },
  );
}

if (import.meta.main) {
  const committed = await readCommitted();
  for (const document of DOCUMENTS) {
    const path = new URL(document, root);
    await Deno.writeTextFile(path, withResults(await Deno.readTextFile(path), committed));
  }
}
