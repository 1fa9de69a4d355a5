import { backendInfo } from "@realign/core/backend";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { bfloat16Flags } from "./cpu_flags.ts";
import { measurePrecision } from "./measure_precision.ts";

await useTestBackend();

Deno.test("measurePrecision compares both precisions where the backend has two, and leaves no tensors behind", async () => {
  const before = tf.memory().numTensors;
  const gain = await measurePrecision({ milliseconds: 1 });
  assert.equal(tf.memory().numTensors, before);
  if (tf.getBackend() !== "tensorflow") return assert.equal(gain, undefined);
  assert.deepEqual(Object.keys(gain!.gains), ["64", "128", "256"]);
  const known = ["avx512_bf16", "amx_bf16"];
  assert.ok(gain!.instructions?.every((name) => known.includes(name)) ?? true);
  assert.ok(Object.values(gain!.gains).every((value) => value > 0 && value < 100));
});

/** What Linux says of the CPU; Deno lets only those read it who may do everything. */
const cpu = await Deno.readTextFile("/proc/cpuinfo").catch(() => undefined);

Deno.test(
  "bfloat16Flags says what Linux says of the CPU",
  { ignore: cpu === undefined },
  () => {
    const { library } = backendInfo() ?? {};
    if (library === undefined) return;
    const [, text] = /^flags\s*:(.*)$/m.exec(cpu!) ?? [];
    const known = new Set(text?.split(" "));
    const expected = ["avx512_bf16", "amx_bf16"].filter((name) => known.has(name));
    assert.deepEqual(bfloat16Flags(library), expected);
  },
);
