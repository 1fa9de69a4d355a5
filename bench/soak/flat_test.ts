import assert from "node:assert/strict";
import { ALLOWED, compareEnds } from "./flat.ts";
import { type Held, measureHeld } from "./process_memory.ts";

const samples = (grow: Partial<Held>): Held[] =>
  Array.from({ length: 50 }, (_, at) => ({
    native: 500 + (grow.native ?? 0) * at + 3 * (at % 2),
    heap: 40 + (grow.heap ?? 0) * at,
    tensors: (grow.tensors ?? 0) * at,
    handles: 20 + (grow.handles ?? 0) * at,
  }));

Deno.test("compareEnds() calls noise flat, whatever the warm-up was", () => {
  const warm = samples({}).map((sample, at) => at < 5 ? { ...sample, native: 9 } : sample);
  const ends = compareEnds(warm);
  assert.deepEqual(Object.keys(ends), Object.keys(ALLOWED));
  assert.ok(Object.values(ends).every(({ flat }) => flat));
});

Deno.test("compareEnds() tells each quantity that grows", () => {
  for (const [name, grow] of Object.entries({ native: 1, heap: 0.5, tensors: 1, handles: 0.1 })) {
    const ends = compareEnds(samples({ [name]: grow }));
    const growing = Object.entries(ends).filter(([, { flat }]) => !flat).map(([key]) => key);
    assert.deepEqual(growing, [name]);
  }
});

Deno.test("compareEnds() leaves out what was not measured, and asks for enough samples", () => {
  const without = samples({}).map(({ handles: _, ...sample }) => sample);
  assert.deepEqual(Object.keys(compareEnds(without)), ["native", "heap", "tensors"]);
  assert.throws(
    () => compareEnds(without.slice(0, 4)),
    /^RangeError: Cannot compare 4 samples .*soak for longer$/,
  );
});

Deno.test({
  name: "measureHeld() sees files that are left open",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const before = await measureHeld();
    using files = new DisposableStack();
    for (let count = 0; count < 200; count++) {
      files.use(await Deno.open(import.meta.filename!));
    }
    // Tests that run beside this one, in the same process, open and close a few too.
    const more = (await measureHeld()).handles! - before.handles!;
    assert.ok(more > 150 && more < 250, `${more}`);
  },
});
