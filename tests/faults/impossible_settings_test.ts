/**
 * Every number of a preset at values with which a run could not work: refused before the first step, in
 * one line that names it. The few for which such a value means something are listed.
 */
import type { AnyAttackTable, Preset } from "@realign/core";
import { attacks as coreAttacks } from "@realign/core/attacks";
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import detection from "@realign/detection";
import segmentation from "@realign/segmentation";
import classification from "@realign/classification";
import { assertAttacks } from "../../cli/presets/attack_options.ts";
import { applyOverrides, splitOverrides } from "../../cli/presets/overrides.ts";
import { ownOptions, parsePreset, presetSchema } from "../../cli/presets/preset_schema.ts";
import { runHere, TINY } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { filesIn } from "./small_run.ts";

/** The attacks of each task. */
const tables: readonly AnyAttackTable[] = [classification, segmentation, detection].map(
  ({ attacks }) => ({ ...coreAttacks, ...attacks }),
);

const tiny = applyOverrides(
  classification.presets["cls-shapes"],
  splitOverrides(TINY).overrides,
);

/** Values on the command line that are tried for every number. */
const TEXTS = ["0", "-1", "1e-9", "1.5", "1e9", "NaN", "Infinity", "many"];

/** Where 0, a fraction or a thousand million means something. The paths are patterns. */
const MEANINGFUL: Readonly<Record<string, readonly string[]>> = {
  "0": [
    // No seed is less than another; 0 examples and classes are all there are.
    ...["seed", "dataset.trainExamples", "dataset.classes", "evaluation.examples"],
    // Without warm-up, momentum, decay, averaging, cache, blocks, a term of the loss, an overshoot.
    ...["*.warmup", "*.beta1", "*.beta2", "*.momentum", "*.weightDecay", "train.averaging"],
    ...["train.attackCache", "generator.blocks", "generator.downsamplings", "losses.weights.*"],
    ...["attack.confidence", "attack.overshoot"],
    ...["*.normalization.mean.*"],
  ],
  "1e-9": [
    ...["*.warmup", "*.beta1", "*.beta2", "*.momentum", "*.weightDecay", "train.averaging"],
    ...["*.peak", "losses.weights.*", "losses.margin", "*.normalization.mean.*"],
    ...["attack.confidence", "attack.overshoot", "attack.initialConstant"],
  ],
  "1.5": [
    ...["*.epochs", "*.peak", "*.weightDecay", "losses.weights.*", "losses.margin"],
    ...["attack.confidence", "attack.overshoot", "attack.initialConstant", "attack.learningRate"],
  ],
  "1e9": [
    // All examples that there are, one checkpoint at the end, all classes.
    ...["seed", "dataset.trainExamples", "evaluation.examples", "evaluation.batchSize"],
    ...["train.checkpointEvery", "attack.candidates", "attack.initialConstant"],
  ],
};

const pattern = (text: string) =>
  new RegExp(`^${text.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
const isMeaningful = (path: string, text: string) =>
  (MEANINGFUL[text] ?? []).some((known) => pattern(known).test(path));

/** The path of every number below a schema that `value` has. */
function numbersIn(
  schema: z.ZodType,
  value: unknown,
  attacks: AnyAttackTable,
  path: readonly string[] = [],
): string[] {
  if (schema instanceof z.ZodOptional) {
    if (value === undefined) return [];
    return numbersIn(schema.unwrap() as z.ZodType, value, attacks, path);
  }
  const below = (key: string, type: unknown) =>
    numbersIn(type as z.ZodType, Reflect.get(Object(value), key), attacks, [...path, key]);
  if (schema instanceof z.ZodNumber) return [path.join(".")];
  if (schema instanceof z.ZodObject) {
    const options = Object.entries(ownOptions(schema, Object(value), attacks) ?? {});
    return [
      ...Object.entries(schema.shape).flatMap(([key, type]) => below(key, type)),
      ...options.filter(([, { range }]) => [0.2, 5].some(range.accepts))
        .map(([key]) => [...path, key].join(".")),
    ];
  }
  if (schema instanceof z.ZodTuple) {
    return schema.def.items.flatMap((type, index) => below(String(index), type));
  }
  const keys = Object.keys(Object(value));
  if (schema instanceof z.ZodRecord) return keys.flatMap((key) => below(key, schema.valueType));
  if (schema instanceof z.ZodArray) return keys.flatMap((key) => below(key, schema.element));
  return [];
}

/** A preset with everything that presets may leave out, and one attack. */
function whole(attack: Preset["attack"]): Preset {
  const normalization = { mean: [0.5, 0.5, 0.5], deviation: [1, 1, 1] } as const;
  const resize = { defenses: [{ name: "random-resize-pad" }, { name: "jpeg" }] };
  const other = { defenses: [], target: { weights: "o.safetensors", normalization } };
  const pgd = { name: "pgd", epsilon: 0.1 };
  return {
    ...tiny,
    target: { ...tiny.target, normalization },
    train: { ...tiny.train, accumulate: 1 },
    attack,
    evaluation: {
      ...tiny.evaluation,
      systems: { ...tiny.evaluation.systems, resize, other },
      threatModels: { oblivious: { attacks: { pgd } } },
    },
  };
}

/** A copy of a preset with another value at a path. */
function changed(preset: Preset, path: string, value: unknown): Preset {
  const copy = structuredClone(preset);
  const keys = path.split(".");
  const group = keys.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key), copy);
  Reflect.set(group, keys.at(-1)!, value);
  return copy;
}

/** Why a preset is refused as soon as it is read; undefined if it is not. */
function refusal(preset: Preset, attacks: AnyAttackTable): string | undefined {
  try {
    assertAttacks(parsePreset(preset, "it"), attacks, "it");
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

interface Case {
  readonly preset: Preset;
  readonly attacks: AnyAttackTable;
  readonly path: string;
}

/** Every number of a preset, and of each attack of each task, once. */
function* numbers(): Generator<Case> {
  const seen = new Set<unknown>();
  const isNew = (key: unknown) => !seen.has(key) && seen.add(key);
  for (const attacks of tables) {
    for (const [name, definition] of Object.entries(attacks)) {
      if (!isNew(definition)) continue;
      const members = "members" in definition.options ? { members: [{ name: "fgsm" }] } : {};
      const preset = whole({ name, epsilon: 0.1, ...members });
      assert.equal(refusal(preset, attacks), undefined);
      for (const path of numbersIn(presetSchema, preset, attacks)) {
        if (path.startsWith("attack.") || isNew(path)) yield { preset, attacks, path };
      }
    }
  }
}

const last = (path: string) => path.split(".").findLast((key) => !/^\d+$/.test(key))!;

Deno.test("every number of a preset is refused where it cannot work, by its name", async () => {
  const later = new Set<string>();
  let tried = 0;
  for (const { preset, attacks, path } of numbers()) {
    for (const text of TEXTS) {
      const value = /^(NaN|many)$/.test(text) ? text : Number(text);
      const reason = refusal(changed(preset, path, value), attacks);
      const what = `${preset.attack.name}: ${path}=${text}`;
      tried++;
      if (isMeaningful(path, text)) assert.equal(reason, undefined, what);
      else if (reason === undefined) later.add(`${path}=${text}`);
      else {
        assert.match(reason, new RegExp(`\\b${last(path)}\\b`), what);
        assert.doesNotMatch(reason, /\n/, what);
      }
    }
    for (const value of [NaN, null, "1", true, [1]]) {
      assert.notEqual(
        refusal(changed(preset, path, value), attacks),
        undefined,
        `${path}=${value}`,
      );
    }
  }
  assert.ok(tried > 700, `${tried} were tried`);
  await withFolder(async (folder) => {
    const places = ["--runs", join(folder, "runs"), "--cache", join(folder, "cache")];
    for (const setting of later) {
      const args = ["train", "cls-shapes", ...TINY, `--${setting}`, ...places];
      const { code, error } = await runHere(args);
      assert.ok(code === 1 || code === 2, `${setting} ended with ${code}`);
      assert.match(error, /^error: Cannot [^\n]*\n$/, setting);
      assert.match(error, new RegExp(`\\b${last(setting.split("=")[0])}\\b`), error);
    }
    assert.deepEqual(await filesIn(folder), []);
  });
});

Deno.test("options that would do nothing are refused as usage", async () => {
  const none: [string[], RegExp][] = [
    [["train", "cls-shapes", "--steps", "0"], /--steps <n>.*an integer of at least 1/],
    [["train", "cls-shapes", "--target-steps", "0"], /--target-steps <n>.*at least 1/],
    [["evaluate", "latest", "--examples", "0"], /--examples <n>.*at least 1, or "all"/],
    [["train", "cls-shapes", "--attack.steps=0"], /attack\.steps|steps must be .*\(attack of/],
    [["train", "cls-shapes", "--attack.epsilon=0"], /attack\.epsilon must be greater/],
    [["train", "cls-shapes", "--steps", "1e300"], /--steps <n>.*an integer of at least 1/],
  ];
  for (const [args, message] of none) {
    const { code, out, error } = await runHere(args);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
    assert.match(error.trimEnd().split("\n").at(-1)!, message);
  }
});
