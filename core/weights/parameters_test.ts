import assert from "node:assert/strict";
import { conv, dense, normal, upConv } from "../layers/mod.ts";
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

Deno.test("Parameters leaves nothing behind", async () => {
  await assertNoLeak(() => {
    using parameters = new Parameters(random);
    conv(parameters, "c", 2, 3, { kernel: 3 });
    upConv(parameters, "u", 2, 3);
  });
});
