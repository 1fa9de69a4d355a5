import assert from "node:assert/strict";
import { batchNorm, conv, dense, normal, upConv } from "../layers/mod.ts";
import { type HostTensor, Parameters } from "./parameters.ts";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";

await useTestBackend();

const random = createRandom(11);

function randomTensor(shape: readonly number[]): HostTensor {
  return { shape, data: random.normals(shape.reduce((product, size) => product * size, 1), 1) };
}

Deno.test("Parameters gives back what it took over, in every layout", async () => {
  using parameters = new Parameters(random);
  conv(parameters, "c", 2, 3, { kernel: 3, initialize: normal(1) });
  upConv(parameters, "u", 3, 2, { initialize: normal(1) });
  dense(parameters, "d", 4, 5);
  const weights = new Map<string, HostTensor>();
  for (const [name, { shape }] of await parameters.export()) {
    weights.set(name, randomTensor(shape));
  }
  assert.deepEqual(weights.get("c.weight")!.shape, [3, 2, 3, 3]);
  assert.deepEqual(weights.get("u.weight")!.shape, [3, 2, 3, 3]);
  assert.deepEqual(weights.get("d.weight")!.shape, [5, 4]);
  parameters.import(weights, "the test");
  for (const [name, { data }] of await parameters.export()) {
    assert.deepEqual(data, weights.get(name)!.data);
  }
});

Deno.test("Parameters refuses weights that are missing or of another shape, and changes nothing", async () => {
  using parameters = new Parameters(random);
  dense(parameters, "d", 2, 1);
  const before = await parameters.export();
  const weights = new Map<string, HostTensor>([["d.weight", randomTensor([1, 2])]]);
  assert.throws(() => parameters.import(weights, "a.safetensors"), /a\.safetensors as "d\.bias"/);
  weights.set("d.bias", randomTensor([3]));
  assert.throws(
    () => parameters.import(weights, "a.safetensors"),
    /"d\.bias" must be \[1\]: current shape is \[3\]/,
  );
  assert.deepEqual(await parameters.export(), before);
});

Deno.test("Parameters refuses numbers that are not finite, and a negative variance, by name", async () => {
  using parameters = new Parameters(random);
  batchNorm(parameters, "bn", 2);
  const before = await parameters.export();
  for (
    const [name, values, message] of [
      [
        "bn.running_var",
        [1, -0.5],
        /"bn\.running_var" must hold no negative numbers: it holds -0\.5/,
      ],
      ["bn.running_mean", [1, Infinity], /"bn\.running_mean" must hold finite numbers only/],
      ["bn.weight", [NaN, 1], /"bn\.weight" must hold finite numbers only/],
    ] as const
  ) {
    const weights = new Map(before).set(name, { shape: [2], data: Float32Array.from(values) });
    assert.throws(() => parameters.import(weights, "a.safetensors"), message);
  }
  assert.deepEqual(await parameters.export(), before);
});

Deno.test("Parameters leaves nothing behind", async () => {
  await assertNoLeak(() => {
    using parameters = new Parameters(random);
    conv(parameters, "c", 2, 3, { kernel: 3 });
    upConv(parameters, "u", 2, 3);
  });
});
