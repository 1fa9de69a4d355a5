/**
 * `run.json`: what a run is made from, with which programs, on which machine.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { z } from "zod";
import { describeIssue, parsePreset } from "../presets/preset_schema.ts";
import { upgradeRunRecord } from "./upgrade.ts";

/** What a run says of itself. */
export interface RunRecord {
  readonly version: 2;
  readonly id: string;
  readonly created: string;
  /** The resolved preset: what resume, evaluate and report go by. */
  readonly preset: Preset;
  /** Where the plugin was loaded from; "" for a built-in one. */
  readonly plugin: string;
  /** The folder of the dataset's files; "" where it needs none. */
  readonly data: string;
  /** Steps of each training where `--steps` says otherwise than the preset's epochs. */
  readonly steps: Readonly<Record<string, number>>;
  /** Digests of the dataset's splits, so that a changed dataset is noticed. */
  readonly digests: Readonly<Record<string, string>>;
  /** Versions, backend, device, commit, machine. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** Figures of finished stages: seconds, steps a second, memory. */
  readonly stages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What a reader of the results must know. */
  readonly warnings: readonly string[];
}

const object = z.record(z.string(), z.unknown());

const runRecordSchema = z.strictObject({
  version: z.literal(2),
  id: z.string().min(1),
  created: z.string(),
  preset: object,
  plugin: z.string(),
  data: z.string(),
  steps: z.record(z.string(), z.int().min(0)),
  digests: z.record(z.string(), z.string()),
  environment: object,
  stages: z.record(z.string(), object),
  warnings: z.array(z.string()),
});

/**
 * Takes a value as a run's record; one of version 1 is upgraded.
 *
 * @param value What was read from `run.json`
 * @param origin The file, named in errors
 * @throws {TypeError} If something is missing, unknown or impossible
 */
export function parseRunRecord(value: unknown, origin: string): RunRecord {
  const current = upgradeRunRecord(value);
  const result = runRecordSchema.safeParse(current);
  if (!result.success) {
    const reason = describeIssue(result.error.issues[0], current);
    throw new TypeError(`Cannot use ${origin} as ${reason}`);
  }
  return { ...result.data, preset: parsePreset(result.data.preset, origin) };
}

/**
 * Names a run: preset, date and time, four letters that can be said aloud.
 *
 * @param preset The preset's name
 * @param now The time
 */
export function newRunId(preset: string, now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const [a, b, c, d] = crypto.getRandomValues(new Uint8Array(4));
  const consonants = "bdfgklmnprstvz";
  const vowels = "aeiou";
  const letters = [consonants[a % 14], vowels[b % 5], consonants[c % 14], vowels[d % 5]].join("");
  return `${preset.replaceAll(/[^A-Za-z0-9._-]+/g, "-")}-${date}-${time}-${letters}`;
}
