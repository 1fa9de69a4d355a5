import assert from "node:assert/strict";
import { join } from "node:path";
import { openCifar10, openCifar100 } from "./cifar.ts";
import { assertRejects, realData, withFolder } from "../testing.ts";

/** Records of label bytes and planes: red is 1 + 3k, green 2 + 3k, blue 3 + 3k in record k; the first pixel 200, 201, 202. */
function records(labels: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(labels.flatMap((bytes, k) => {
    const planes = [0, 1, 2].flatMap((channel) => {
      const plane = new Array<number>(1024).fill(3 * k + channel + 1);
      plane[0] = 200 + channel;
      return plane;
    });
    return [...bytes, ...planes];
  }));
}

const names10 = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `name${index}\n`).join("");
}

Deno.test("openCifar10 reads records across files, planes turned into pixels", async () => {
  const files = {
    "batches.meta.txt": names10,
    "data_batch_1.bin": records([[3], [0]]),
    "data_batch_2.bin": records([[9], [1], [2]]),
    "data_batch_3.bin": records([[0]]),
    "data_batch_4.bin": records([[0]]),
    "data_batch_5.bin": records([[8]]),
    "test_batch.bin": records([[7]]),
  };
  await withFolder(files, async (root) => {
    const train = await openCifar10(root, "train");
    assert.equal(train.length, 8);
    assert.deepEqual(train.size, [32, 32]);
    assert.deepEqual(train.notes, []);
    assert.equal(train.classNames[3], "cat");
    const example = await train.read(3);
    assert.equal(example.id, "data_batch_2/1");
    assert.equal(example.annotation.class, 1);
    assert.equal(train.classOf(3), 1);
    assert.deepEqual([...example.picture.pixels.subarray(0, 6)], [200, 201, 202, 4, 5, 6]);
    assert.deepEqual([...example.picture.pixels.subarray(-3)], [4, 5, 6]);
    assert.equal((await train.read(7)).annotation.class, 8);
    const test = await openCifar10(root, "test");
    assert.equal(test.length, 1);
    assert.notEqual(test.digest, train.digest);
    assert.equal(test.digest, (await openCifar10(root, "test")).digest);
    assert.throws(() => train.classOf(8), /must be from 0 to 7/);
  });
});

Deno.test("openCifar10 goes on without training batches that are missing, and says so", async () => {
  const files = { "batches.meta.txt": names10, "data_batch_2.bin": records([[3]]) };
  await withFolder(files, async (root) => {
    const train = await openCifar10(root, "train");
    assert.equal(train.length, 1);
    assert.match(train.notes[0], /data_batch_1\.bin, data_batch_3\.bin.* not found/);
    await assertRejects(
      openCifar10(root, "test"),
      /^Cannot find test_batch\.bin in .*: --data must be/,
    );
  });
});

Deno.test("openCifar10 refuses a file that is cut off, empty or holds impossible labels", async () => {
  const whole = records([[1], [2]]);
  const files = { "batches.meta.txt": names10, "test_batch.bin": whole.subarray(0, 6000) };
  await withFolder(files, async (root) => {
    await assertRejects(
      openCifar10(root, "test"),
      /test_batch\.bin .*multiple of the 3073 .*current length is 6000/,
    );
    await Deno.writeFile(join(root, "test_batch.bin"), new Uint8Array());
    await assertRejects(openCifar10(root, "test"), /current length is 0/);
    await Deno.writeFile(join(root, "test_batch.bin"), records([[1], [10]]));
    await assertRejects(
      openCifar10(root, "test"),
      /test_batch\.bin as the label of record 1 must be from 0 to 9: current value is 10/,
    );
    await Deno.writeTextFile(join(root, "batches.meta.txt"), "one\n");
    await assertRejects(openCifar10(root, "test"), /must name 10 classes: current number is 1/);
  });
});

Deno.test("openCifar10 notices a single changed byte by its digest", async () => {
  const bytes = records([[1], [2]]);
  await withFolder({ "batches.meta.txt": names10, "test_batch.bin": bytes }, async (root) => {
    const before = (await openCifar10(root, "test")).digest;
    bytes[4000] ^= 1;
    await Deno.writeFile(join(root, "test_batch.bin"), bytes);
    assert.notEqual((await openCifar10(root, "test")).digest, before);
  });
});

Deno.test("openCifar100 takes the fine label or the coarse one", async () => {
  const files = {
    "fine_label_names.txt": numbered(100),
    "coarse_label_names.txt": numbered(20),
    "train.bin": records([[19, 99], [4, 23]]),
    "test.bin": records([[20, 0]]),
  };
  await withFolder(files, async (root) => {
    const fine = await openCifar100(root, "train");
    assert.equal(fine.classNames.length, 100);
    assert.deepEqual([fine.classOf(0), fine.classOf(1)], [99, 23]);
    assert.deepEqual([...(await fine.read(1)).picture.pixels.subarray(0, 6)], [
      200,
      201,
      202,
      4,
      5,
      6,
    ]);
    const coarse = await openCifar100(root, "train", "coarse");
    assert.equal(coarse.classNames.length, 20);
    assert.deepEqual([coarse.classOf(0), coarse.classOf(1)], [19, 4]);
    assert.notEqual(coarse.digest, fine.digest);
    await assertRejects(
      openCifar100(root, "test", "coarse"),
      /label of record 0 must be from 0 to 19/,
    );
  });
});

const real = realData("cifar10");
Deno.test({
  name: "openCifar10 reads the real test batch (skipped without the data)",
  ignore: real === undefined,
  async fn() {
    const test = await openCifar10(real!, "test");
    assert.equal(test.length, 10000);
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < test.length; index++) counts[test.classOf(index)]++;
    assert.deepEqual(counts, new Array(10).fill(1000));
    const first = await Promise.all([0, 1, 2, 3].map((index) => test.read(index)));
    const names = first.map(({ annotation }) => test.classNames[annotation.class]);
    assert.deepEqual(names, ["cat", "ship", "ship", "airplane"]);
  },
});
