/**
 * Our side of `bench models`: one JSON request a line from standard input, one answer a line. PyTorch's side is
 * bench/models/peers/main.py.
 *
 * @module
 */
import { parseSafetensors } from "@realign/core";
import { record, selectBackend } from "@realign/core/backend";
import * as tf from "@realign/core/tf";
import { prepareOnnx, readOnnx } from "@realign/interop";
import { basename, dirname, join } from "node:path";
import { answerRequests } from "../speed/ours/answer_requests.ts";
import { distances } from "../../tests/distances.ts";

/** Opened models by name; each runs one pass forward and one back, to the images. */
const works = new Map<string, () => Promise<void>>();
let opened = new DisposableStack();

/** What opening a model tells. */
export interface OpenedHere {
  readonly nodes: number;
  /** Types of operators. */
  readonly operators: readonly string[];
  /** The greatest difference of an output's number from PyTorch's, as a share of the greatest number. */
  readonly outputDifference: number;
  /** Relative L2 distance of the input gradient from PyTorch's in float64. */
  readonly gradientError: number;
}

async function open(
  { name, path, data }: { name: string; path: string; data: string },
): Promise<OpenedHere> {
  const { tensors } = parseSafetensors(await Deno.readFile(data), data);
  const tensorOf = (key: string) => {
    const { data: numbers, shape } = tensors.get(key)!;
    return opened.adopt(tf.tensor(numbers, [...shape]), tf.dispose);
  };
  const model = await readOnnx(await Deno.readFile(path), {
    origin: basename(path),
    readBeside: (location) => Deno.readFile(join(dirname(path), location)),
  });
  const network = opened.use(prepareOnnx(model));
  const weights = network.outputs.map((_, index) => tensorOf(`weights${index}`));
  const turned = tensorOf("images");
  const images = opened.adopt(tf.transpose(turned, [0, 2, 3, 1]) as tf.Tensor4D, tf.dispose);
  const forward = opened.use(record(({ images }: { images: tf.Tensor4D }) => {
    return { outputs: [...network.run(images).values()] };
  }, { name: `${name} outputs` }));
  const backward = opened.use(record(({ images }: { images: tf.Tensor4D }) => {
    const loss = (pixels: tf.Tensor) =>
      tf.addN(
        [...network.run(pixels as tf.Tensor4D).values()].map((output, index) =>
          tf.sum(tf.mul(output, weights[index]))
        ),
      );
    return { gradient: tf.grad(loss)(images) };
  }, { name }));
  const { outputs } = forward({ images });
  let outputDifference = 0;
  for (const [index, output] of outputs.entries()) {
    const { data: expected, shape } = tensors.get(`output${index}`)!;
    if (String(output.shape) !== String(shape)) throw new Error(`output ${index} is another`);
    const { worst } = distances(await output.data(), expected);
    outputDifference = Math.max(outputDifference, worst);
  }
  const gradient = tf.tidy(() => tf.transpose(backward({ images }).gradient, [0, 3, 1, 2]));
  const { l2: gradientError } = distances(await gradient.data(), tensors.get("gradient")!.data);
  tf.dispose([outputs, gradient]);
  works.set(name, async () => {
    const { gradient } = backward({ images });
    await gradient.data();
    gradient.dispose();
  });
  const operators = [...new Set(model.nodes.map(({ operator }) => operator))].sort();
  return { nodes: model.nodes.length, operators, outputDifference, gradientError };
}

/** The requests that are answered. */
const requests = {
  async start({ threads }: { threads: number }) {
    const { version } = await selectBackend("tensorflow", { threads, device: "cpu" });
    return { deno: Deno.version.deno, tensorflow: version, tfjs: tf.version_core };
  },
  open,
  async run({ name, count }: { name: string; count: number }) {
    const work = works.get(name)!;
    const seconds: number[] = [];
    for (let done = 0; done < count; done++) {
      const begun = performance.now();
      await work();
      seconds.push((performance.now() - begun) / 1000);
    }
    return seconds;
  },
  close() {
    works.clear();
    opened.dispose();
    opened = new DisposableStack();
    return Promise.resolve({});
  },
};

if (import.meta.main) await answerRequests(requests);
