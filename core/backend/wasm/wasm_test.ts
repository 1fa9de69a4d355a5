import assert from "node:assert/strict";
import { assertClose, assertNoLeak } from "../../testing/mod.ts";
import * as tf from "../../tf.ts";
import { createWasm } from "./mod.ts";

Deno.test("createWasm rejects a number of threads that is none", async () => {
  await assert.rejects(
    () => createWasm({ threads: 1.5 }),
    /threads must be an integer of at least 0: current value is 1.5/,
  );
});

Deno.test("createWasm may be called again and makes the backend active", async () => {
  await createWasm();
  await tf.setBackend("cpu");
  await createWasm();
  assert.equal(tf.getBackend(), "wasm");
});

Deno.test("the wasm gradient of convolutions and pooling leaves no tensors behind", async () => {
  await createWasm();
  const [x, filter] = [tf.ones([2, 8, 8, 3]), tf.ones([3, 3, 3, 4])];
  await assertNoLeak(() => {
    const loss = (x: tf.Tensor, filter: tf.Tensor) => {
      const output = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, "same");
      return tf.sum(tf.maxPool(output, 2, 2, "valid"));
    };
    tf.dispose(tf.grads(loss)([x, filter]));
  });
});

Deno.test("sign and clipping of the wasm backend leave what is not a number as it is", async () => {
  await createWasm();
  const values = tf.tensor2d([[NaN, -3], [-0.25, 0], [0.5, 2]]);
  assertClose(tf.sign(tf.slice(values, 1)), [-1, 0, 1, 1], 0);
  assertClose(tf.clipByValue(tf.slice(values, 1), 0, 1), [0, 0, 0.5, 1], 0);
  for (const made of [tf.sign(values), tf.clipByValue(values, 0, 1)]) {
    assert.deepEqual([...made.dataSync()].map(Number.isNaN), [true, ...Array(5).fill(false)]);
  }
  assert.deepEqual([...tf.sign(tf.tensor1d([-2, 3], "int32")).dataSync()], [-1, 1]);
  await assertNoLeak(() => tf.dispose(tf.tidy(() => tf.sign(tf.clipByValue(values, 0, 1)))));
});

Deno.test("threads of the wasm backend compute the same and let the process end", async () => {
  const program = `
    import { createWasm } from ${JSON.stringify(new URL("./mod.ts", import.meta.url).href)};
    import * as tf from ${JSON.stringify(new URL("../../tf.ts", import.meta.url).href)};
    await createWasm({ threads: 2 });
    console.log(JSON.stringify([...await tf.matMul([[1, 2], [3, 4]], [[5], [6]]).data()]));
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const args = ["run", "--allow-all", "--no-check", "--config", config, file];
    const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" })
      .output();
    assert.ok(success, "the program failed");
    assertClose(JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!), [17, 39]);
  } finally {
    await Deno.remove(file);
  }
});
