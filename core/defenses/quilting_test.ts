import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyDataset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { windowStarts } from "../windows.ts";
import {
  collectPatches,
  composeDefenses,
  createDefense,
  fitOn,
  gradientKind,
  isRandom,
  quiltingDefense,
} from "./mod.ts";

await useTestBackend();

const shape: [number, number, number, number] = [2, 13, 11, 3];
const pixels = createRandom(1, "pixels").uniforms(2 * 13 * 11 * 3, 0, 255).map(Math.round);
const images = tf.tensor4d(pixels.map((level) => level / 255), shape);
const stream = createRandom(1, "noise");

/** Patches of the images at the places that quilting takes. */
function ownPatches(patch: number, overlap: number) {
  const [count, height, width] = shape;
  const rows: number[] = [];
  for (let image = 0; image < count; image++) {
    for (const top of windowStarts(height, patch, patch - overlap)) {
      for (const left of windowStarts(width, patch, patch - overlap)) {
        for (let y = 0; y < patch; y++) {
          const from = 3 * ((image * height + top + y) * width + left);
          rows.push(...pixels.subarray(from, from + 3 * patch));
        }
      }
    }
  }
  const size = 3 * patch * patch;
  return { shape: [rows.length / size, size], data: Float32Array.from(rows) };
}

Deno.test("quilting from an image's own patches gives the image, border included", async () => {
  for (const [patch, overlap] of [[5, 2], [4, 0], [3, 2]]) {
    using defense = quiltingDefense(ownPatches(patch, overlap), { overlap, neighbours: 1 });
    assertClose(await defense.restore(images, stream), images, 1e-6);
  }
});

Deno.test("quilting takes away a perturbation that is small beside the distance of patches", async () => {
  using defense = quiltingDefense(ownPatches(5, 2), { overlap: 2, neighbours: 1 });
  const noise = tf.tensor4d(createRandom(2).uniforms(images.size, -0.05, 0.05), shape);
  const perturbed = tf.clipByValue(tf.add(images, noise), 0, 1) as tf.Tensor4D;
  assertClose(await defense.restore(perturbed, stream), images, 1e-6);
});

Deno.test("quilting draws among neighbours by example, whatever the batch", async () => {
  const patches = await collectPatches(
    createToyDataset(30),
    { patch: 4, patches: 400 },
    createRandom(1),
  );
  using one = quiltingDefense(patches, { overlap: 2, neighbours: 1 });
  using drawn = quiltingDefense(patches, { overlap: 2, neighbours: 10 });
  assert.deepEqual([isRandom(one), isRandom(drawn)], [false, true]);
  assert.equal(isRandom(composeDefenses([one, drawn])), true);
  const both = await drawn.restore(images, stream);
  assertClose(await drawn.restore(images, stream), both, 0);
  const first = tf.slice(images, [0, 0, 0, 0], [1, -1, -1, -1]) as tf.Tensor4D;
  assertClose(await drawn.restore(first, stream), tf.slice(both, [0, 0, 0, 0], [1, -1, -1, -1]), 0);
  const other = await drawn.restore(images, createRandom(2, "noise"));
  assert.notDeepEqual(other.dataSync(), both.dataSync());
  const nearest = await one.restore(images, stream);
  assert.notDeepEqual(nearest.dataSync(), both.dataSync());
  assertClose(await one.restore(images, createRandom(2, "noise")), nearest, 0);
});

Deno.test("quilting has the identity for a stand-in, and leaves nothing behind", async () => {
  const patches = ownPatches(5, 2);
  await assertNoLeak(async () => {
    using defense = quiltingDefense(patches, { overlap: 2, neighbours: 3 });
    assert.equal(gradientKind(defense), "bpda");
    assert.equal(defense.gradient!.apply(images, {}), images);
    (await defense.restore(images, stream)).dispose();
  });
});

Deno.test("quilting refuses what it cannot do, with the reason", async () => {
  const fitted = fitOn(createToyDataset(4), createRandom(1));
  await assert.rejects(createDefense([{ name: "quilting" }]), /needs training images/);
  await assert.rejects(
    createDefense([{ name: "quilting", patch: 3, overlap: 3 }], { fitted }),
    /overlap must be below the patch's 3 pixels: current value is 3/,
  );
  await assert.rejects(
    createDefense([{ name: "quilting", patch: 9 }], { fitted }),
    /images are smaller: they have 8x8/,
  );
  using defense = await createDefense([{ name: "quilting", patch: 5 }], { fitted });
  const small = tf.zeros<tf.Rank.R4>([1, 4, 8, 3]);
  await assert.rejects(defense.restore(small, stream), /images of 4x8 as patches are larger/);
});

Deno.test("a defense's version tells which patches it has", async () => {
  const versionOf = async (seed: number, patches: number) => {
    const fitted = fitOn(createToyDataset(6), createRandom(seed));
    using defense = await createDefense([{ name: "tvm" }, { name: "quilting", patches }], {
      fitted,
    });
    return defense.version!;
  };
  const version = await versionOf(1, 20);
  assert.match(version, /^tvm 1, quilting 1 \(patches [0-9a-f]{12}\)$/);
  assert.equal(await versionOf(1, 20), version);
  assert.notEqual(await versionOf(2, 20), version);
  assert.notEqual(await versionOf(1, 21), version);
});

Deno.test("collectPatches takes patches of the images, no place twice, by its stream", async () => {
  const dataset = createToyDataset(6);
  const settings = { patch: 6, patches: 30 };
  const { shape: [count, size], data } = await collectPatches(dataset, settings, createRandom(1));
  assert.deepEqual([count, size], [30, 108]);
  const known = new Set<string>();
  for (let index = 0; index < 6; index++) {
    const { picture } = await dataset.read(index);
    for (let place = 0; place < 9; place++) {
      const rows = [0, 1, 2, 3, 4, 5].flatMap((y) => {
        const from = 3 * (8 * (Math.floor(place / 3) + y) + place % 3);
        return [...picture.pixels.subarray(from, from + 18)];
      });
      known.add(rows.join());
    }
  }
  const taken = Array.from({ length: count }, (_, at) => data.subarray(at * size, (at + 1) * size));
  for (const patch of taken) assert.ok(known.has(patch.join()));
  assert.equal(new Set(taken.map((patch) => patch.join())).size, 30);
  assert.deepEqual((await collectPatches(dataset, settings, createRandom(1))).data, data);
  assert.notDeepEqual((await collectPatches(dataset, settings, createRandom(2))).data, data);
  const all = await collectPatches(dataset, { ...settings, patches: 1000 }, createRandom(1));
  assert.deepEqual(all.shape, [54, 108], "no more than there are");
});
