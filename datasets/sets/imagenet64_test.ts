import assert from "node:assert/strict";
import { join } from "node:path";
import { openImagenet64 } from "./imagenet64.ts";
import { assertRejects, npy, npz, withFolder } from "../testing.ts";

const record = 12288;

function labels(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return npy("<i8", [values.length], bytes);
}

/** Pictures whose planes are 10k, 10k + 1 and 10k + 2, the first pixel one of 200. */
function pictures(count: number, from = 0): Uint8Array {
  const bytes = Uint8Array.from({ length: count * record }, (_, at) => {
    const plane = Math.floor(at / 4096) % 3;
    return at % 4096 === 0 ? 200 + plane : 10 * (from + Math.floor(at / record)) + plane;
  });
  return npy("|u1", [count, record], bytes);
}

for (const level of [0, 6]) {
  const kind = level === 0 ? "stored" : "compressed";
  Deno.test(`openImagenet64 reads ${kind} arrays across files`, async () => {
    const files = {
      "train_data_batch_1.npz": await npz({ data: pictures(2), labels: labels([1, 1000]) }, level),
      "train_data_batch_3.npz": await npz(
        { mean: labels([0]), labels: labels([7, 8]), data: pictures(2, 2) },
        level,
      ),
    };
    await withFolder(files, async (root) => {
      const train = await openImagenet64(root, "train");
      assert.equal(train.length, 4);
      assert.equal(train.classNames.length, 1000);
      assert.deepEqual([0, 1, 2, 3].map(train.classOf), [0, 999, 6, 7]);
      const { id, picture } = await train.read(3);
      assert.equal(id, "train_data_batch_3/1");
      assert.deepEqual([...picture.pixels.subarray(0, 6)], [200, 201, 202, 30, 31, 32]);
      assert.deepEqual([...(await train.read(0)).picture.pixels.subarray(-3)], [0, 1, 2]);
      assert.match(train.notes[0], /train_data_batch_2\.npz, .* not found/);
      assert.equal(train.digest, (await openImagenet64(root, "train")).digest);
      await assertRejects(openImagenet64(root, "test"), /Cannot find val_data\.npz in .*: --data/);
    });
  });
}

Deno.test("openImagenet64 takes class names from map_clsloc.txt", async () => {
  const lines = Array.from({ length: 1000 }, (_, k) => `n${k} ${1000 - k} big_name_${1000 - k}`);
  const files = {
    "val_data.npz": await npz({ data: pictures(1), labels: labels([3]) }),
    "map_clsloc.txt": lines.join("\n"),
  };
  await withFolder(files, async (root) => {
    const test = await openImagenet64(root, "test");
    assert.equal(test.classNames[2], "big name 3");
    assert.deepEqual(test.notes, []);
    await Deno.writeTextFile(join(root, "map_clsloc.txt"), lines.slice(1).join("\n"));
    await assertRejects(openImagenet64(root, "test"), /map_clsloc\.txt as it must name the labels/);
  });
});

Deno.test("openImagenet64 names a damaged file and what is wrong with it", async () => {
  const good = { data: pictures(2), labels: labels([1, 2]) };
  const whole = await npz(good);
  const damaged = Uint8Array.from(await npz(good, 6));
  damaged.fill(255, 60, 90);
  const cases: [RegExp, Uint8Array][] = [
    [/val_data\.npz: .*damaged or not \.npz/, whole.subarray(0, 5000)],
    [/val_data\.npz: data\.npy: .*damaged/, damaged],
    [/must hold data and labels: it holds data$/, await npz({ data: good.data })],
    [/label 1 must be from 1 to 1000: .* is 0$/, await npz({ ...good, labels: labels([1, 0]) })],
    [
      /must be bytes \[3, 12288\]: .* \[2, 12288\]/,
      await npz({ ...good, labels: labels([1, 2, 3]) }),
    ],
    [/it has no images/, await npz({ data: pictures(0), labels: labels([]) })],
    [
      /labels\.npy as its 2 numbers take/,
      await npz({ ...good, labels: good.labels.subarray(0, -8) }),
    ],
    [/data\.npy as its length must be/, await npz({ ...good, data: good.data.subarray(0, -1) })],
    [/labels\.npy as it is not a \.npy array/, await npz({ ...good, labels: new Uint8Array(99) })],
    [
      /integers: current type is <f8/,
      await npz({ ...good, labels: npy("<f8", [2], new Uint8Array(16)) }),
    ],
  ];
  for (const [message, bytes] of cases) {
    await withFolder({ "val_data.npz": bytes }, async (root) => {
      await assertRejects(openImagenet64(root, "test"), message);
    });
  }
});
