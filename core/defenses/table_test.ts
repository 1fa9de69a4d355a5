import assert from "node:assert/strict";
import { createGenerator } from "../networks/generator.ts";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { createDefense, defenses, resolveDefense } from "./mod.ts";

await useTestBackend();

const jpegRoundTrip = <T>(picture: T) => Promise.resolve(picture);

Deno.test("every option of a defense has a default in its range, and a sentence of help", () => {
  for (const [name, { title, options }] of Object.entries(defenses)) {
    assert.ok(title.length > 0);
    assert.deepEqual(Object.keys(resolveDefense({ name })), ["name", ...Object.keys(options)]);
    for (const { help } of Object.values(options)) assert.match(help, /^[a-z].*[^.]$/);
  }
});

Deno.test("resolveDefense refuses what there is not, with a suggestion", () => {
  const fails = (settings: { name: string }, message: RegExp) =>
    assert.throws(() => resolveDefense(settings), message);
  fails({ name: "generater" }, /the defense "generater" is unknown: did you mean "generator"/);
  fails({ name: "jpeg", qualty: 3 } as never, /"jpeg" as it has no option "qualty": did you mean/);
  fails({ name: "jpeg", quality: 0 } as never, /quality must be an integer from 1 to 100/);
});

Deno.test("createDefense needs what its kit has not, and leaves nothing behind where it fails", async () => {
  using generator = createGenerator(toyPreset.generator, createRandom(1));
  const kit = { generator: () => Promise.resolve(generator) };
  await assert.rejects(createDefense([{ name: "generator" }]), /there is no trained generator/);
  await assertNoLeak(() =>
    assert.rejects(createDefense([{ name: "generator" }, { name: "jpeg" }], kit), /no JPEG codec/)
  );
  await assert.rejects(createDefense([]), RangeError);
});

Deno.test("createDefense makes a chain that restores, and disposes all of it but the kit", async () => {
  using generator = createGenerator(toyPreset.generator, createRandom(1));
  const kit = { jpegRoundTrip, generator: () => Promise.resolve(generator) };
  const images = tf.fill<tf.Rank.R4>([2, 8, 8, 3], 0.3);
  await assertNoLeak(async () => {
    const chain = [{ name: "generator" }, { name: "jpeg", quality: 30 }, { name: "identity" }];
    using defense = await createDefense(chain, kit);
    assert.equal(defense.name, "generator+jpeg+identity");
    assert.equal(defense.gradient?.exact, false);
    assert.equal(defense.variables.length, generator.parameters.variables.length);
    (await defense.restore(images, createRandom(1))).dispose();
  });
  tf.dispose(generator.restore(images));
});
