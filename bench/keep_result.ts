/**
 * `deno task keep-result RUN/evaluation.json NAME`: keeps an evaluation in bench/results.
 *
 * What names places on the machine that measured it, and outcomes of single examples, are left out.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import { parseEvaluation } from "../cli/files/evaluation_file.ts";
import { formatJson } from "../cli/files/json.ts";

/** An evaluation as it is committed. */
export function toKeep(evaluation: Evaluation): Evaluation {
  const { backend, ...environment } = evaluation.environment as {
    readonly backend?: { readonly library?: string };
  };
  const { library: _, ...kept } = backend ?? {};
  return {
    ...evaluation,
    rows: evaluation.rows.map((
      { outcomes: _, metric: { details: _details, ...metric }, ...row },
    ) => ({
      ...row,
      metric,
    })),
    environment: { ...environment, backend: kept },
  };
}

if (import.meta.main) {
  const [path, name] = Deno.args;
  const evaluation = parseEvaluation(JSON.parse(await Deno.readTextFile(path)), path);
  const target = new URL(`results/${name}.json`, import.meta.url);
  await Deno.writeTextFile(target, `${formatJson(toKeep(evaluation))}\n`);
}
