/**
 * `evaluation-columns.json`: the columns of an evaluation that are measured already, so that one that
 * was stopped goes on where it was.
 *
 * @module
 */
import type { EvaluationRow } from "@realign/core";
import { z } from "zod";
import type { RunStore } from "./run_store.ts";
import { rowSchema } from "./evaluation_file.ts";
import { sha256 } from "../system/safe_file.ts";

const NAME = "evaluation-columns.json";
const schema = z.strictObject({
  key: z.string(),
  columns: z.record(z.string(), z.array(rowSchema)),
});

/** Measured columns by their place in the evaluation, each with its rows. */
export class EvaluatedColumns {
  readonly #store: RunStore;
  readonly #key: string;
  readonly #columns: Map<string, readonly EvaluationRow[]>;

  private constructor(
    store: RunStore,
    key: string,
    columns: Map<string, readonly EvaluationRow[]>,
  ) {
    this.#store = store;
    this.#key = key;
    this.#columns = columns;
  }

  /**
   * Opens what a run keeps of an evaluation.
   *
   * @param store The run
   * @param facts All that the figures follow from; columns of other facts are not taken
   */
  static async open(store: RunStore, facts: unknown): Promise<EvaluatedColumns> {
    const key = sha256(new TextEncoder().encode(JSON.stringify(facts)));
    const kept = schema.safeParse(await store.readJson(NAME).catch(() => undefined));
    const columns = kept.success && kept.data.key === key ? kept.data.columns : {};
    return new EvaluatedColumns(store, key, new Map(Object.entries(columns)));
  }

  /** The rows of a column that is measured already. */
  at(index: number): readonly EvaluationRow[] | undefined {
    return this.#columns.get(`${index}`);
  }

  /** Keeps the rows of a column. */
  async add(index: number, rows: readonly EvaluationRow[]): Promise<void> {
    this.#columns.set(`${index}`, rows);
    const columns = Object.fromEntries(this.#columns);
    await this.#store.writeJson(NAME, { key: this.#key, columns });
  }
}

/** Forgets measured columns, once the whole evaluation is saved. */
export async function forgetColumns(store: RunStore): Promise<void> {
  await store.remove(NAME);
}
