/**
 * What is kept between runs besides the runs themselves, and the facts it is found again by: all that made it.
 *
 * @module
 */
import { type CacheStorage, noStorage } from "@realign/core";
import { backendInfo } from "@realign/core/backend";
import { decodingVersion } from "@realign/datasets";
import { join } from "node:path";
import { VERSION } from "../system/environment.ts";
import { UsageError } from "../system/failure.ts";
import { CacheStore } from "./cache_store.ts";
import { EvaluatedColumns } from "./evaluated_columns.ts";
import type { RunStore } from "./run_store.ts";

/** What `--cache` says where nothing is to be kept, or taken from what was. */
export const NO_CACHE = "off";

/** The code behind a result. */
export interface ResultCode {
  /** Name of the plugin. */
  readonly plugin: string;
  /** Its code's digest; undefined where it cannot be known whether the code has changed. */
  readonly digest: string | undefined;
}

/** Adversarial images and measured columns, each under everything that they follow from. */
export class ResultCache {
  readonly #folder: string | undefined;
  readonly #code: ResultCode;
  readonly #warn: (message: string) => void;

  /**
   * @param folder Of all images that are kept; "off" for none, and then columns are not kept either
   * @param code Of the task; where it has no digest, nothing is kept
   * @param warn Called for damaged files
   */
  constructor(folder: string, code: ResultCode, warn: (message: string) => void) {
    this.#folder = folder === NO_CACHE || code.digest === undefined ? undefined : folder;
    this.#code = code;
    this.#warn = warn;
  }

  /**
   * Where images are kept.
   *
   * @param kind The folder of their kind; "unfinished" ones are cleared once what they are for is done
   * @param facts Data, O, attack and its version, batches: all that they follow from besides the code
   */
  images(kind: "attacks" | "evaluated" | "unfinished", facts: object): CacheStorage {
    if (this.#folder === undefined) return noStorage;
    return CacheStore.keyed(join(this.#folder, kind), this.#factsOf(facts), this.#warn);
  }

  /** The columns that a run has measured already. `facts` are those of `images`. */
  async columns(store: RunStore, facts: object): Promise<EvaluatedColumns | undefined> {
    if (this.#folder === undefined) return undefined;
    return await EvaluatedColumns.open(store, this.#factsOf(facts));
  }

  /** Fails where nothing is kept, so that nothing can be shared. */
  assertShared(): void {
    if (this.#folder !== undefined) return;
    throw new UsageError(
      this.#code.digest === undefined
        ? `Cannot share the work as changes to the code of ${this.#code.plugin} cannot be detected: load the plugin from a file or an exact version`
        : "Cannot share the work as --cache is off: set it to a folder that all workers see",
    );
  }

  #factsOf(facts: object): object {
    const { library: _path, ...backend } = backendInfo() ?? {};
    return { realign: VERSION, decoding: decodingVersion, backend, ...this.#code, ...facts };
  }
}
