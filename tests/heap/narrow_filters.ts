/**
 * Takes gradients of narrow 1x1 filters under strides on TensorFlow, in a process whose C library checks its heap
 * at every free. Prints how that process ended as JSON: `deno run --allow-all tests/heap/narrow_filters.ts`.
 *
 * @module
 */
import { record, selectBackend } from "@realign/core/backend";
import * as tf from "@realign/core/tf";

/** glibc's own; the loader says on stderr if it is not there. */
const CHECKER = "libc_malloc_debug.so.0";

if (Deno.env.get("LD_PRELOAD") === CHECKER) {
  await selectBackend("tensorflow", { threads: 2, device: "cpu", fetch: false });
  takeGradients();
  console.log("done");
} else {
  const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", import.meta.url],
    env: { LD_PRELOAD: CHECKER, MALLOC_CHECK_: "3" },
  }).output();
  const [output, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  console.log(JSON.stringify({ code, signal, output, error }));
}

function takeGradients(): void {
  for (const channels of [3, 6, 13]) {
    const loss = (x: tf.Tensor, filter: tf.Tensor): tf.Scalar =>
      tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, "same")));
    const gradients = (inputs: tf.Tensor[]) => tf.grads(loss)(inputs);
    using step = record(gradients, { variables: [] });
    for (const side of [16, 64]) {
      const inputs = [tf.ones([3, side, side, channels]), tf.ones([1, 1, channels, 13])];
      for (const run of [gradients, step, gradients]) tf.dispose(run(inputs));
      tf.dispose(inputs);
    }
  }
}
