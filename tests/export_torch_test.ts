/**
 * A module of PyTorch, written here, as attacks of other projects use it: its gradient, its modes, what it says; and the
 * check that `realign export` makes of it.
 */
import { createClassifier } from "@realign/classification";
import { createRandom } from "@realign/core";
import { createRestorer } from "@realign/core/recipes";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { freezeFunction, type ModelFiles, openModel, writeModel } from "@realign/interop";
import assert from "node:assert/strict";
import { join } from "node:path";
import { compareExport } from "../cli/stages/compare_export.ts";
import type { AnyDataset } from "../cli/stages/open_split.ts";
import { openTorchModule } from "../cli/stages/torch_module.ts";
import { distances } from "./distances.ts";
import { askPeer, needing } from "./peer.ts";

await useTestBackend();
const isRecorded = tf.getBackend() === "tensorflow";

const named = Deno.env.get("REALIGN_PYTHON") ?? "python3";
const size = [16, 16] as const;

/** Metadata that would like to be code. */
const METADATA = {
  run: '"""\n__import__("os").abort()\n"""',
  classNames: ["a\\", '"]; raise SystemExit(9) #', "\u2028é", "😀"],
  figures: [{ value: 0.25, alarms: undefined, whole: true }],
};

/** A small G, and a classifier behind it. */
function createSystem(stack: DisposableStack): (images: tf.Tensor4D) => tf.NamedTensorMap {
  const generator = {
    ...{ width: 4, blocks: 1, downsamplings: 1, size: [...size] as [number, number] },
    ...{ norm: "instance", upsampling: "transposed" } as const,
  };
  const restorer = stack.use(createRestorer({ seed: 1, generator }));
  const classifier = stack.use(createClassifier("resnet20", 10, [...size], createRandom(2)));
  return (images) => {
    const restored = restorer.restore(images);
    return { restored, 'log"its': classifier.forward(restored).logits };
  };
}

async function inFolder(files: ModelFiles, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, bytes] of files) await Deno.writeFile(join(folder, name), bytes);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Answer {
  readonly metadata: unknown;
  readonly outputs: readonly string[];
  readonly trained: readonly string[];
  readonly modes: boolean;
  readonly single: readonly number[];
  readonly double: readonly number[];
  readonly compiled: number;
  readonly refused: readonly string[];
  readonly meta: readonly number[];
}

const asPeer = await needing(["torch"], "a module of PyTorch has Realign's input gradient");
Deno.test({
  ...asPeer,
  ignore: asPeer.ignore || !isRecorded,
  async fn() {
    using stack = new DisposableStack();
    const compute = createSystem(stack);
    const { graph } = freezeFunction(compute, { size, layout: "nchw" });
    const random = createRandom(5);
    const pixels = { shape: [2, 3, ...size], values: [...random.uniforms(2 * 3 * 256, 0, 1)] };
    const weights = { shape: [2, 10], values: [...random.uniforms(20, -1, 1)] };
    const expected = tf.tidy(() => {
      const loss = (images: tf.Tensor) => {
        const turned = tf.transpose(images, [0, 2, 3, 1]) as tf.Tensor4D;
        return tf.sum(tf.mul(compute(turned)['log"its'], tf.tensor(weights.values, [2, 10])));
      };
      return tf.grad(loss)(tf.tensor(pixels.values, pixels.shape)).dataSync();
    });
    await inFolder(writeModel(graph, "torch", METADATA), async (folder) => {
      const path = join(folder, "realign_model.py");
      const request = { path, output: 'log"its', images: pixels, weights };
      const answer = await askPeer<Answer>("exported_module.py", request);
      assert.deepEqual(answer.metadata, JSON.parse(JSON.stringify(METADATA)));
      assert.deepEqual(answer.outputs, ["restored", 'log"its']);
      assert.deepEqual([answer.trained, answer.modes], [[], false]);
      // A ReLU's corner may be taken on the other side.
      const own = distances(answer.single, answer.double).l2;
      const away = distances(expected, answer.double).l2;
      assert.ok(
        away < Math.max(1e-4, 4 * own),
        `the gradient is off by ${away}, PyTorch's by ${own}`,
      );
      assert.equal(answer.compiled, 0);
      assert.match(answer.refused[0], /^Cannot take \(2, 16, 16, 3\): .* \(None, 3, 16, 16\)$/);
      assert.match(answer.refused[1], /^Cannot give 'another'/);
      assert.deepEqual(answer.meta, [2, 10]);
    });
  },
});

const attacked = await needing(["torch", "torchattacks"], "the documents' attack runs on a system");
Deno.test({
  ...attacked,
  ignore: attacked.ignore || !isRecorded,
  async fn() {
    using stack = new DisposableStack();
    const compute = createSystem(stack);
    const system = (images: tf.Tensor4D) => ({ logits: compute(images)['log"its'] });
    const { graph } = freezeFunction(system, { size, layout: "nchw" });
    await inFolder(writeModel(graph, "torch", { warnings: ["beware"] }), async (folder) => {
      const { success, stdout, stderr } = await new Deno.Command(named, {
        args: ["-B", join(import.meta.dirname!, "peers", "attack_exported_system.py")],
        env: { PYTHONPATH: folder },
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      assert.match(new TextDecoder().decode(stdout), /^\d+% withstand PGD \['beware'\]\n$/);
    });
  },
});

/** Two pictures of noise. */
const dataset: AnyDataset = {
  ...{ name: "noise", split: "test", digest: "noise", notes: [] },
  ...{ length: 2, size: [...size], classNames: ["a"] },
  read: (index: number) => {
    const pixels = Uint8Array.from(createRandom(1).fork("picture", index).uniforms(768, 0, 255));
    return Promise.resolve({ id: "", picture: { height: 16, width: 16, pixels }, annotation: 0 });
  },
};

const asCheck = await needing(
  ["torch"],
  "an exported module is run, and one of other weights refused",
);
Deno.test({
  ...asCheck,
  ignore: asCheck.ignore || !isRecorded,
  async fn() {
    const filter = tf.tensor4d(createRandom(1).uniforms(24, -1, 1), [2, 2, 3, 2]);
    const compute = (images: tf.Tensor4D) => ({ edges: tf.conv2d(images, filter, 1, "same") });
    const frozen = freezeFunction(compute, { size });
    const files = writeModel(frozen.graph, "torch");
    const before = tf.memory().numTensors;
    const start = (options: Deno.CommandOptions) => new Deno.Command(named, options);
    await inFolder(new Map(), async (folder) => {
      const model = await openTorchModule(files, folder, start);
      assert.ok(typeof model !== "string", String(model));
      const { batches, differences } = await compareExport(model, frozen, dataset, size);
      assert.deepEqual(batches, [2, 3]);
      assert.ok(differences.edges < 1e-5);
      const weights = files.get("realign_model.safetensors")!.slice();
      new DataView(weights.buffer).setFloat32(weights.length - 4, 3, true);
      await Deno.writeFile(join(folder, "realign_model.safetensors"), weights);
      await assert.rejects(
        compareExport(model, frozen, dataset, size),
        /as it computes something else when it is read back: edges differs by/,
      );
      await Deno.writeTextFile(join(folder, "realign_model.py"), 'raise ValueError("broken")');
      await assert.rejects(
        compareExport(model, frozen, dataset, size),
        /^Error: Cannot export the model as PyTorch fails to run it: ValueError: broken$/,
      );
    });
    assert.equal(tf.memory().numTensors, before);
    filter.dispose();
  },
});

Deno.test("a module that nothing can run says why", async () => {
  const none = () => {
    throw new Deno.errors.NotFound("no");
  };
  const closed = () => {
    throw new Deno.errors.NotCapable("no");
  };
  assert.equal(await openTorchModule(new Map(), ".", none), "there is no python3");
  assert.equal(await openTorchModule(new Map(), ".", closed), "python3 may not be run");
});

Deno.test({
  name: "a module and weights that are not of each other are not opened",
  ignore: !isRecorded,
  async fn() {
    const write = (count: number) => {
      const row = tf.tensor1d([1, 2, 3]);
      const compute = (images: tf.Tensor4D) => ({
        sum: tf.add(images, count === 1 ? row : tf.mul(tf.add(images, row), tf.neg(row))),
      });
      const { graph } = freezeFunction(compute, { size });
      row.dispose();
      return writeModel(graph, "torch");
    };
    const [one, other] = [write(1), write(2)];
    assert.equal(await openModel(one, "torch"), undefined);
    const name = "realign_model.py";
    const mixed = new Map([...one, [name, other.get(name)!]]);
    await assert.rejects(openModel(mixed, "torch"), /asks for other weights than/);
  },
});
