/**
 * Golden values: numbers that must not change unless a version says so.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { selectBackend } from "../backend/mod.ts";
import { createRandom } from "../random.ts";
import * as tf from "../tf.ts";
import { attacks, createAttack } from "../attacks/mod.ts";
import type { AttackTable } from "../attacks/attack.ts";
import type { AttackSettings } from "../preset.ts";
import type { Victim } from "../attacks/victim.ts";
import { misshapen } from "./misshapen.ts";

/** What an attack gave when its version was set. */
export interface GoldenAttack {
  readonly settings: AttackSettings;
  readonly version: string;
  /** SHA-256 of the adversarial images' float32 numbers, rounded to 1e-4. */
  readonly digest: string;
  /** A few of the numbers, so that a reader sees how far they moved. */
  readonly values: readonly number[];
}

/** What golden attacks are made on. */
export interface GoldenCase<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  /** Made anew, since its constants live on the plain backend. */
  create(): { victim: Victim<O, L>; clean: Images; labels: L };
  readonly table?: AttackTable<O, L>;
  /** Attacks that ask the victim nothing, so that none makes them fail. */
  readonly silent?: readonly string[];
}

/**
 * Makes adversarial images on tfjs's plain backend, which it selects, whose numbers are the same on every machine.
 *
 * @param golden The victim
 * @param settings The attack
 * @returns What it gives
 */
export async function goldenAttack<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { create, table = {} }: GoldenCase<O, L>,
  settings: AttackSettings,
): Promise<GoldenAttack> {
  await selectBackend("cpu");
  const { victim, clean, labels } = create();
  using attack = createAttack(settings, victim, table);
  const adversarial = await attack.perturb(clean, labels, createRandom(1, "golden"));
  const numbers = await goldenNumbers(adversarial);
  tf.dispose([adversarial, clean, labels as tf.TensorContainer]);
  return { settings, version: attack.version, ...numbers };
}

/** What is kept of images: a digest of their numbers, rounded to 1e-4, and a few of them. */
export async function goldenNumbers(
  images: Images,
): Promise<Pick<GoldenAttack, "digest" | "values">> {
  const rounded = Array.from(await images.data(), (value) => Math.round(value * 1e4));
  const bytes = new Uint8Array(Int32Array.from(rounded).buffer);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const values = [0, 1, 2, 3].map((at) => rounded[Math.floor(at * rounded.length / 4)] / 1e4);
  return { digest, values };
}

/**
 * Holds attacks to their golden values, and to leaving nothing behind where they fail. `REALIGN_GOLDEN=write` writes them anew.
 *
 * @param file Where they are kept
 * @param golden The victim
 * @param all Every attack of a table, by settings that reach all of its code
 */
export function testGoldenAttacks<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  file: URL,
  golden: GoldenCase<O, L>,
  all: readonly AttackSettings[],
): void {
  const names = Object.keys(golden.table ?? attacks);

  Deno.test("every attack of the table has golden values", () => {
    const covered = new Set(all.map(({ name }) => name));
    assert.deepEqual(names.filter((name) => !covered.has(name)), []);
  });

  Deno.test("attacks leave no tensor behind where one of their steps fails", async () => {
    await selectBackend("cpu");
    const { victim, clean, labels } = golden.create();
    for (const settings of all.filter(({ name }) => !golden.silent?.includes(name))) {
      using attack = createAttack(settings, misshapen(victim), golden.table ?? {});
      const perturb = () => attack.perturb(clean, labels, createRandom(1, "golden"));
      await assert.rejects(perturb(), Error, settings.name);
      const before = tf.memory().numTensors;
      await assert.rejects(perturb());
      assert.equal(tf.memory().numTensors, before, `"${settings.name}" keeps tensors`);
    }
    tf.dispose([clean, labels as tf.TensorContainer]);
  });

  Deno.test("attacks give their golden values, or say by their version that they do not", async () => {
    const now: GoldenAttack[] = [];
    for (const settings of all) now.push(await goldenAttack(golden, settings));
    if (Deno.env.get("REALIGN_GOLDEN") === "write") {
      await Deno.writeTextFile(file, `${JSON.stringify(now, null, 2)}\n`);
    }
    // Infinity is null in JSON.
    const plain = (attack: GoldenAttack) => JSON.parse(JSON.stringify(attack));
    const before: GoldenAttack[] = JSON.parse(await Deno.readTextFile(file));
    for (const [index, attack] of now.entries()) {
      const { name } = attack.settings;
      assert.deepEqual(
        plain(attack),
        before[index],
        `"${name}" gives other images than when its version was set, or has another version: raise ` +
          `"version" in its definition, then write the golden values with REALIGN_GOLDEN=write`,
      );
    }
  });
}
