/**
 * The exported networks: what they say of an image, and where an attack is to move it.
 *
 * @module
 */
import type * as tf from "@realign/core/tf";
import type { Ascent } from "./climb.ts";
import { registerGradientOperations, type Tf } from "./gradient_operations.ts";

/** What is attacked: the target alone, or the target behind the defense. */
export type Attacked = "target" | "system";

/** Numbers of a target's outputs by their names. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** What is computed of an image. */
export interface Look {
  readonly restored: Float32Array;
  /** The target's outputs on the image itself. */
  readonly target: Outputs;
  /** The target's outputs on the restored image. */
  readonly system: Outputs;
}

/** A graph model that was written by an export. */
export interface GraphFiles {
  /** `model.json`, parsed. */
  readonly model: {
    readonly modelTopology: object;
    readonly signature: {
      readonly inputs: Readonly<Record<string, unknown>>;
      readonly outputs: Readonly<Record<string, unknown>>;
    };
    readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
  };
  readonly weights: ArrayBuffer;
}

/** The networks on the active engine. */
export interface Network {
  look(image: Float32Array): Promise<Look>;
  /**
   * What an attack ascends, and its gradient.
   *
   * @param attacked What is attacked
   * @param image Where
   * @param reference The first output of what is attacked, on the clean image
   */
  ascend(attacked: Attacked, image: Float32Array, reference: Float32Array): Promise<Ascent>;
  dispose(): void;
}

/** Loads a graph, to be executed by the names of its inputs and outputs. */
export async function loadGraph(
  tf: Tf,
  { model: { modelTopology, signature, weightsManifest }, weights }: GraphFiles,
): Promise<tf.GraphModel> {
  registerGradientOperations(tf);
  const artifacts = {
    format: "graph-model",
    modelTopology,
    signature: signature as object,
    weightSpecs: weightsManifest[0].weights,
    weightData: weights,
  };
  return await tf.loadGraphModel({ load: () => Promise.resolve(artifacts) });
}

/**
 * Opens the networks.
 *
 * @param tf TensorFlow.js with its engine
 * @param files The graph
 * @param image `[1, H, W, 3]`
 * @param reference Shape of the attacked output
 */
export async function openNetwork(
  tf: Tf,
  files: GraphFiles,
  image: readonly number[],
  reference: readonly number[],
): Promise<Network> {
  const model = await loadGraph(tf, files);
  const shown = Object.keys(files.model.signature.outputs).filter((name) =>
    !/\.(gain|gradient)$/.test(name)
  );

  /** Runs what some outputs need, and reads them. */
  async function run(inputs: Record<string, tf.Tensor>, names: string[]): Promise<Float32Array[]> {
    const results = [model.execute(inputs, names)].flat();
    tf.dispose(inputs);
    const values = await Promise.all(results.map((result) => result.data()));
    tf.dispose(results);
    return values as Float32Array[];
  }

  return {
    async look(pixels) {
      const values = await run({ images: tf.tensor(pixels, [...image]) }, shown);
      const found = (of: string) =>
        Object.fromEntries(
          shown.flatMap((name, k) =>
            name.startsWith(`${of}.`) ? [[name.slice(of.length + 1), values[k]]] : []
          ),
        );
      const restored = values[shown.indexOf("restored")];
      return { restored, target: found("target"), system: found("system") };
    },
    async ascend(attacked, pixels, clean) {
      const inputs = {
        images: tf.tensor(pixels, [...image]),
        reference: tf.tensor(clean, [...reference]),
      };
      const names = [`${attacked}.gain`, `${attacked}.gradient`];
      const [[gain], gradient] = await run(inputs, names);
      return { gain, gradient };
    },
    dispose: () => model.dispose(),
  };
}
