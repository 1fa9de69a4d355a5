/**
 * Records a step on TensorFlow: its operations become one function, which is then run as one operation.
 *
 * @module
 */
import { withoutDraws } from "../random.ts";
import * as tf from "../tf.ts";
import { mapTensors, tensorsIn } from "./containers.ts";
import type { RecordedStep, Recorder, RecordingStatistics, RecordOptions } from "./record.ts";
import { AttributeType } from "./tensorflow_attributes.ts";
import type { OpOutput, TensorflowBinding } from "./tensorflow_binding.ts";
import { TensorflowGraph } from "./tensorflow_graph.ts";

/** What the recorder needs of tfjs-node's backend. */
export interface TensorflowBackend {
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(output: OpOutput): tf.Tensor;
}

/** A step for one set of input shapes. */
interface Recording<R> {
  readonly functionName: string;
  readonly captures: readonly Deno.PointerValue[];
  readonly statistics: RecordingStatistics;
  /** The results' places in the function's outputs, in the structure that the step returns. */
  readonly results: readonly { readonly shape: number[]; readonly dtype: number }[];
  /** Variables that the step assigns, in the order of the outputs behind the results. */
  readonly assigned: readonly {
    readonly variable: tf.Variable;
    readonly shape: number[];
    readonly dtype: number;
  }[];
  rebuild(results: tf.Tensor[]): R;
}

let recordings = 0;

/** Makes the recorder of a TensorFlow backend. */
export function createTensorflowRecorder(
  binding: TensorflowBinding,
  backend: TensorflowBackend,
): Recorder {
  const idOf = (tensor: tf.Tensor) => backend.getInputTensorIds([tensor])[0];

  function trace<I extends tf.TensorContainer, R extends tf.TensorContainer>(
    step: (inputs: I) => R,
    inputs: I,
    { variables = [], name = "step" }: RecordOptions,
  ): Recording<R> {
    const functionName = `realign_${name.replaceAll(/\W/g, "_")}_${recordings++}`;
    // Assigning gives a variable other data and frees the old: hold the old, to put it back.
    const originals = variables.map((variable) => tf.clone(variable));
    const distinct = separateInputs(inputs);
    using graph = new TensorflowGraph(binding, name);
    try {
      for (const tensor of [...tensorsIn(distinct.inputs), ...variables]) graph.bind(idOf(tensor));
      const before = variables.map(idOf);
      binding.sink = graph;
      return tf.tidy(() => {
        const returned = withoutDraws(`record "${name}"`, () => step(distinct.inputs));
        const ids: number[] = [];
        const results: { shape: number[]; dtype: number }[] = [];
        const rebuild = mapTensors(returned, (tensor) => {
          ids.push(idOf(tensor));
          results.push({ shape: tensor.shape, dtype: dtypeOf(tensor) });
          return ids.length - 1;
        });
        const assigned = variables.filter((variable, index) => idOf(variable) !== before[index]);
        graph.finish([...ids, ...assigned.map(idOf)], functionName);
        return {
          functionName,
          captures: graph.captures,
          statistics: { operations: graph.operationCount, flops: graph.flops },
          results,
          assigned: assigned.map((variable) => ({
            variable,
            shape: variable.shape,
            dtype: dtypeOf(variable),
          })),
          rebuild: (tensors: tf.Tensor[]) => rebuild((place) => tensors[place]) as R,
        } as unknown as tf.TensorContainer;
      }) as unknown as Recording<R>;
    } finally {
      binding.sink = undefined;
      variables.forEach((variable, index) => variable.assign(originals[index]));
      originals.forEach((original) => original.dispose());
      distinct.standIns.forEach((standIn) => standIn.dispose());
    }
  }

  /**
   * Inputs that share their data (one tensor twice, a clone, a reshape) could not be told apart while
   * the step is written down: all but the first are replaced by tensors of their own. Values do not
   * matter there.
   */
  function separateInputs<I extends tf.TensorContainer>(
    inputs: I,
  ): { inputs: I; standIns: tf.Tensor[] } {
    const seen = new Set<number>();
    const standIns: tf.Tensor[] = [];
    const tensors: tf.Tensor[] = [];
    const rebuild = mapTensors(inputs, (tensor) => {
      const id = idOf(tensor);
      const standIn = seen.has(id) ? tf.zeros(tensor.shape, tensor.dtype) : undefined;
      if (standIn) standIns.push(standIn);
      seen.add(id);
      return tensors.push(standIn ?? tensor) - 1;
    });
    return { inputs: rebuild((place) => tensors[place]) as I, standIns };
  }

  return {
    record<I extends tf.TensorContainer, R extends tf.TensorContainer>(
      step: (inputs: I) => R,
      options: RecordOptions,
    ): RecordedStep<I, R> {
      const { variables = [], xla = false } = options;
      const attributes = xla
        ? [{ name: "_XlaMustCompile", type: AttributeType.bool, value: true }]
        : [];
      const bySignature = new Map<string, Recording<R>>();
      const run = (inputs: I): R => {
        const tensors = tensorsIn(inputs);
        const signature = tensors.map(({ dtype, shape }) => `${dtype}[${shape}]`).join();
        let recording = bySignature.get(signature);
        if (!recording) bySignature.set(signature, recording = trace(step, inputs, options));
        const handles = [...tensors, ...variables].map((tensor) => binding.handle(idOf(tensor)));
        const outputs = [...recording.results, ...recording.assigned];
        const made = binding.run(recording.functionName, attributes, [
          ...handles,
          ...recording.captures,
        ], outputs.length)
          .map((handle, index) =>
            backend.createOutputTensor({
              id: binding.adopt(handle),
              shape: outputs[index].shape,
              dtype: outputs[index].dtype,
            })
          );
        recording.assigned.forEach(({ variable }, index) => {
          const value = made[recording.results.length + index];
          variable.assign(value);
          value.dispose();
        });
        return recording.rebuild(made.slice(0, recording.results.length));
      };
      const { symbols, status } = binding.library;
      return Object.assign(run, {
        statistics: () => [...bySignature.values()].at(-1)?.statistics,
        [Symbol.dispose]() {
          for (const { functionName, captures } of bySignature.values()) {
            symbols.TFE_ContextRemoveFunction(
              binding.context,
              binding.library.string(functionName),
              status,
            );
            captures.forEach((capture) => symbols.TFE_DeleteTensorHandle(capture));
          }
          bySignature.clear();
        },
      });
    },
  };

  function dtypeOf(tensor: tf.Tensor): number {
    switch (tensor.dtype) {
      case "float32":
        return binding.TF_FLOAT;
      case "int32":
        return binding.TF_INT32;
      case "bool":
        return binding.TF_BOOL;
      default:
        throw new TypeError(`Cannot record a step that returns a tensor of type ${tensor.dtype}`);
    }
  }
}
