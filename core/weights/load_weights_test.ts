import assert from "node:assert/strict";
import { loadWeights } from "./load_weights.ts";
import { constant } from "../layers/mod.ts";
import { createGenerator } from "../networks/generator.ts";
import { type HostTensor, Parameters } from "./parameters.ts";
import { createRandom } from "../random.ts";
import { formatSafetensors } from "./safetensors.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";

function tinyNetwork() {
  const parameters = new Parameters(createRandom(1));
  const weight = parameters.create("conv1.weight", [1, 1, 2, 1], constant(0), { layout: "conv" });
  const bias = parameters.create("fc.bias", [2], constant(0));
  return {
    name: "tiny",
    parameters,
    weight,
    bias,
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

/** A file with the tiny network's tensors, of which some are changed, added or, as undefined, left out. */
function fileOf(
  changes: Record<string, readonly number[] | undefined> = {},
  prefix = "",
): Uint8Array {
  const shapes: Record<string, readonly number[]> = { "conv1.weight": [1, 2, 1, 1] };
  const all = { "conv1.weight": [1, 2], "fc.bias": [3, 4], ...changes };
  const tensors = new Map<string, HostTensor>();
  for (const [name, values] of Object.entries(all)) {
    if (values) {
      tensors.set(prefix + name, {
        shape: shapes[name] ?? [values.length],
        data: Float32Array.from(values),
      });
    }
  }
  return formatSafetensors(tensors, {});
}

for (const prefix of ["", "module.", "model.", "state_dict.", "state_dict.module."]) {
  Deno.test(`loadWeights takes names that begin with "${prefix}"`, async () => {
    await useTestBackend();
    using network = tinyNetwork();
    loadWeights(network, fileOf({}, prefix), "tiny.safetensors");
    assertClose(network.weight, [1, 2]);
    assertClose(network.bias, [3, 4]);
  });
}

Deno.test("loadWeights takes G's own weights, whose names begin as PyTorch's wrappers do", async () => {
  await useTestBackend();
  const settings = { width: 4, blocks: 1, downsamplings: 1, norm: "layer" } as const;
  const [trained, other] = [1, 2].map((seed) =>
    createGenerator({ ...settings, upsampling: "transposed", size: [8, 8] }, createRandom(seed))
  );
  using _trained = trained;
  using _other = other;
  const values = await trained.parameters.export();
  loadWeights({ name: "G", parameters: other.parameters }, formatSafetensors(values, {}), "G");
  assert.deepEqual(await other.parameters.export(), values);
});

Deno.test("loadWeights leaves alone what no forward pass reads", async () => {
  await useTestBackend();
  using network = tinyNetwork();
  loadWeights(
    network,
    fileOf({ "bn1.num_batches_tracked": [5], "sub_block1.layer.0.bn1.bias": [NaN] }),
    "x",
  );
  assertClose(network.bias, [3, 4]);
});

const faults: Readonly<
  Record<string, [changes: Record<string, readonly number[] | undefined>, message: string]>
> = {
  "a weight of another shape": [
    { "fc.bias": [1, 2, 3] },
    '"fc.bias" must be [2]: current shape is [3]',
  ],
  "a missing weight": [
    { "fc.bias": undefined },
    '"fc.bias" is missing: the file has 1 tensors, this network 2',
  ],
  "weights of a larger network": [
    { "conv2.bias": [1] },
    'tiny has no "conv2.bias": the file has 1 extra tensors',
  ],
  "a weight that is not finite": [
    { "fc.bias": [1, NaN] },
    '"fc.bias" must hold finite numbers only',
  ],
};

Deno.test("loadWeights names a tensor of whole numbers", async () => {
  await useTestBackend();
  using network = tinyNetwork();
  const bytes = fileOf();
  const at = new TextDecoder("latin1").decode(bytes).indexOf('F32","shape":[2]');
  bytes[at] = "I".charCodeAt(0);
  assert.throws(
    () => loadWeights(network, bytes, "x"),
    /"fc\.bias" must be F32, F16, BF16 or F64: its dtype is I32/,
  );
});

for (const [fault, [changes, message]] of Object.entries(faults)) {
  Deno.test(`loadWeights refuses ${fault} and changes nothing`, async () => {
    await useTestBackend();
    using network = tinyNetwork();
    assert.throws(() => loadWeights(network, fileOf(changes), "x.safetensors"), {
      name: "TypeError",
      message: `Cannot load the weights of x.safetensors as ${message}`,
    });
    assertClose(network.weight, [0, 0]);
  });
}

Deno.test("loadWeights() leaves what a file lacks as it is kept, and then refuses all that is not there", async () => {
  using parameters = new Parameters(createRandom(1));
  parameters.create("fc.weight", [2], () => Float32Array.of(1, 2));
  parameters.create("made.up", [1], () => Float32Array.of(3));
  const kept = await parameters.export();
  const file = (name: string) =>
    formatSafetensors(new Map([[name, { shape: [2], data: Float32Array.of(5, 6) }]]), {});
  const model = { name: "graph", parameters };
  assert.throws(() => loadWeights(model, file("fc.weight"), "w"), /"made.up" is missing/);
  assert.throws(
    () => loadWeights(model, file("fc.weights"), "w", { kept }),
    /graph has no "fc.weights": the file has 1 extra tensors/,
  );
  loadWeights(model, file("fc.weight"), "w", { kept });
  const values = await parameters.export();
  assert.deepEqual([...values.values()].map(({ data }) => [...data]), [[5, 6], [3]]);
});
