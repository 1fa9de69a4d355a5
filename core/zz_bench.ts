import * as tf from "./tf.ts";
import { createWasm } from "./backend/wasm.ts";
import { applyGradientFixes } from "./backend/fixes.ts";
const [th] = Deno.args.map(Number);
applyGradientFixes();
await createWasm(th ? { threads: th } as never : {} as never);
const N = 8, S = 64, C = 64; const F = 2 * N * S * S * 9 * C * C;
const x = tf.randomNormal([N, S, S, C]) as tf.Tensor4D, f = tf.randomNormal([3, 3, C, C]) as tf.Tensor4D, dy = x;
const dy2 = tf.randomNormal([N, S / 2, S / 2, C]) as tf.Tensor4D;
function t(name: string, flop: number, fn: () => tf.Tensor, reps = 2) {
  let best = 1e9; for (let i = 0; i <= reps; i++) { const t0 = performance.now(); const r = fn(); r.dataSync(); r.dispose(); const d = performance.now() - t0; if (i) best = Math.min(best, d); }
  console.log(name.padEnd(32), best.toFixed(1).padStart(8), "ms", (flop / best / 1e6).toFixed(1), "GFLOP/s");
}
t("conv fwd", F, () => tf.conv2d(x, f, 1, "same"));
const K = (n: string, i: object, a: object) => tf.engine().runKernel(n, i as never, a as never) as tf.Tensor;
t("dX s1", F, () => K("Conv2DBackpropInput", { dy, filter: f }, { strides: 1, pad: "same", inputShape: x.shape }));
t("dX s2", F / 4, () => K("Conv2DBackpropInput", { dy: dy2, filter: f }, { strides: 2, pad: "same", inputShape: x.shape }));
t("dW s1", F, () => K("Conv2DBackpropFilter", { x, dy }, { strides: 1, pad: "same", filterShape: f.shape }));
t("dW s2", F / 4, () => K("Conv2DBackpropFilter", { x, dy: dy2 }, { strides: 2, pad: "same", filterShape: f.shape }));
const A = tf.randomNormal([1024, 1024]), B = tf.randomNormal([1024, 1024]);
t("matMul", 2 * 1024 ** 3, () => tf.matMul(A, B));
t("matMul tA", 2 * 1024 ** 3, () => tf.matMul(A, B, true));
t("matMul tB", 2 * 1024 ** 3, () => tf.matMul(A, B, false, true));
const bA = tf.randomNormal([16, 128, 128]), bB = tf.randomNormal([16, 128, 128]);
t("matMul batch 16", 2 * 16 * 128 ** 3, () => tf.matMul(bA, bB));
const pooled = tf.maxPool(x, 2, 2, "valid");
t("maxPoolGrad", x.size, () => K("MaxPoolGrad", { dy: pooled, input: x, output: pooled }, { filterSize: [2, 2], strides: [2, 2], pad: "valid" }));
t("resizeBilinear grad half", x.size, () => tf.grad((y) => tf.image.resizeBilinear(y as tf.Tensor4D, [S, S], false, true))(dy2, dy));
t("mirrorPad fwd p1", x.size, () => tf.mirrorPad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect"));
const dp = tf.mirrorPad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect");
t("mirrorPad grad p1", x.size, () => tf.grad((y) => tf.mirrorPad(y, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect"))(x, dp));
t("conv dilated fwd", F, () => tf.conv2d(x, f, 1, "same", "NHWC", 2));
t("conv dilated grads", 2 * F, () => { const [a, b] = tf.grads((x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same", "NHWC", 2))([x, f], dy); b.dataSync(); b.dispose(); return a; }, 1);
