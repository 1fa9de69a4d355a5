import assert from "node:assert/strict";
import { batchNorm, conv, convNorm, type ModalLayer } from "./mod.ts";
import { Parameters } from "../weights/parameters.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";

await useTestBackend();

const images = tf.tensor4d(createRandom(3).normals(2 * 6 * 6 * 3, 1), [2, 6, 6, 3]);

/** A convolution with a batch norm behind it, in one layer and in two, of the same weights. */
function createPair(options: { readonly stride?: number; readonly dilation?: number }) {
  const [one, two] = [new Parameters(createRandom(1)), new Parameters(createRandom(1))];
  const settings = { kernel: 3, ...options };
  const together = convNorm(one, { conv: "c", norm: "n" }, 3, 4, settings);
  const convolve = conv(two, "c", 3, 4, { ...settings, bias: false });
  const normalize = batchNorm(two, "n", 4);
  for (const parameters of [one, two]) {
    for (const variable of parameters.variables.slice(1)) {
      variable.assign(tf.tensor(createRandom(2, variable.shape.length).uniforms(4, 0.5, 2)));
    }
  }
  const apart: ModalLayer = (input, mode) => normalize(convolve(input), mode);
  return {
    one,
    two,
    together,
    apart,
    [Symbol.dispose]() {
      for (const parameters of [one, two]) parameters[Symbol.dispose]();
    },
  };
}

for (const options of [{}, { stride: 2 }, { dilation: 2 }]) {
  Deno.test(`convNorm is a convolution and a batch norm, ${JSON.stringify(options)}`, async () => {
    using pair = createPair(options);
    assert.deepEqual(pair.one.names, pair.two.names);
    for (const mode of ["inference", "training", "inference"] as const) {
      const [actual, expected] = [pair.together, pair.apart].map((layer, index) => {
        const { trainable } = index === 0 ? pair.one : pair.two;
        const loss = () => tf.sum(tf.square(layer(images, mode))) as tf.Scalar;
        const { grads } = tf.variableGrads(loss, trainable);
        const pixels = tf.grad((x) => tf.sum(tf.square(layer(x as tf.Tensor4D, mode))))(images);
        return [...trainable.map(({ name }) => grads[name]), pixels];
      });
      actual.forEach((gradient, index) => assertClose(gradient, expected[index], 1e-3));
      const [own, parts] = [pair.together, pair.apart].map((layer) => layer(images, mode));
      assertClose(own, parts, 1e-4);
    }
    const [kept, expected] = await Promise.all([pair.one.export(), pair.two.export()]);
    for (const [name, { data }] of kept) assertClose(data, expected.get(name)!.data);
  });
}

Deno.test("convNorm keeps a bias that is there for published weights alone", () => {
  using parameters = new Parameters(createRandom(1));
  const layer = convNorm(parameters, { conv: "c", norm: "n" }, 3, 4, { kernel: 1, bias: "unused" });
  assert.ok(parameters.names.includes("c.bias"));
  const before = layer(images, "inference");
  parameters.variables[1].assign(tf.ones([4]));
  assertClose(layer(images, "inference"), before);
});

Deno.test("convNorm leaves no tensors behind in a tidy", async () => {
  using pair = createPair({});
  await assertNoLeak(() => tf.tidy(() => void pair.together(images, "inference")));
});
