/**
 * Records a step on TensorFlow: its operations become one function, which is then run as one operation.
 *
 * @module
 */
import { withoutDraws } from "../../random.ts";
import * as tf from "../../tf.ts";
import { mapTensors, signatureOf, tensorsIn } from "../containers.ts";
import type { FrozenGraph, GraphPlace } from "../graph_form.ts";
import type { Precision } from "../precision.ts";
import type { RecordedStep, Recorder, RecordingStatistics, RecordOptions } from "../record.ts";
import { AttributeType } from "./attributes.ts";
import type { OperationSink, OpOutput, TensorflowBinding } from "./binding.ts";
import { TensorflowGraph } from "./graph.ts";
import { dilatesInHalf } from "./half_dilation.ts";
import { halfPrecision } from "./half_precision.ts";
import type { OperationRunner } from "./kernels.ts";
import { assertUnchanged, type CapturedVariable, VariableWatch } from "./variable_watch.ts";

/** What the recorder needs of tfjs-node's backend. */
export interface TensorflowBackend extends OperationRunner {
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(output: OpOutput): tf.Tensor;
  readonly tensorMap: { has(dataId: tf.Tensor["dataId"]): boolean };
}

/** A step for one set of input shapes. */
interface Recording<R> {
  readonly functionName: string;
  readonly captures: readonly Deno.PointerValue[];
  /** Variables among the captures: a replay is refused once one of them has changed. */
  readonly constants: readonly CapturedVariable[];
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

/** What a step did while it was written down. */
interface Trace<R> {
  readonly returned: R;
  /** Of the listed variables, those that it assigned. */
  readonly assigned: readonly tf.Variable[];
  readonly watch: VariableWatch;
  readonly listed: ReadonlySet<tf.Variable>;
}

/** Types of tensors that a step may have. */
const DTYPES: ReadonlySet<tf.DataType> = new Set(["float32", "int32", "bool"]);

let recordings = 0;

/** Makes the recorder of a TensorFlow backend. */
export function createTensorflowRecorder(
  binding: TensorflowBinding,
  backend: TensorflowBackend,
): Recorder {
  const idOf = (tensor: tf.Tensor) => backend.getInputTensorIds([tensor])[0];
  /** Whether TensorFlow has a tensor's data; other backends may have those of variables made there. */
  const holds = (tensor: tf.Tensor) =>
    DTYPES.has(tensor.dtype) && backend.tensorMap.has(tensor.dataId);

  /** Another tensor of the same value: what is done with one in a recording is not done with the other. */
  function standIn(tensor: tf.Tensor): tf.Tensor {
    const { library, library: { symbols, status } } = binding;
    const copy = symbols.TFE_TensorHandleCopySharingTensor(binding.handle(idOf(tensor)), status);
    library.check("hold a tensor");
    return backend.createOutputTensor({
      id: binding.adopt(copy),
      shape: tensor.shape,
      dtype: dtypeOf(tensor),
    });
  }

  /**
   * Writes a step down in a graph. Inputs and variables are replaced by stand-ins meanwhile: those that share their
   * data (one tensor twice, a clone, a captured constant) could not be told apart otherwise.
   */
  function trace<I extends tf.TensorContainer, R extends tf.TensorContainer, T>(
    graph: TensorflowGraph,
    step: (inputs: I) => R,
    inputs: I,
    variables: readonly tf.Variable[],
    finish: (trace: Trace<R>) => T,
    sink: OperationSink = graph,
  ): T {
    const { name } = graph;
    const listed = new Set(variables);
    const watch = new VariableWatch();
    const given: tf.Tensor[] = [];
    const finished: T[] = []; // tidy would look for tensors in what it returns
    try {
      const rebuildInputs = mapTensors(inputs, (tensor) => given.push(standIn(tensor)) - 1);
      watch.replaceData((variable) =>
        listed.has(variable) || holds(variable) ? standIn(variable) : undefined
      );
      for (const tensor of [...given, ...variables]) graph.bind(idOf(tensor));
      const before = variables.map(idOf);
      binding.sink = sink;
      tf.tidy(() => {
        const returned = withoutDraws(
          `record "${name}"`,
          () => step(rebuildInputs((place) => given[place]) as I),
        );
        const fault = watch.findFault(listed);
        if (fault) throw new Error(`Cannot record "${name}" as it ${fault}`);
        const assigned = variables.filter((variable, index) => idOf(variable) !== before[index]);
        finished.push(finish({ returned, assigned, watch, listed }));
      });
      return finished[0];
    } catch (error) {
      graph.captures.forEach((capture) => binding.library.symbols.TFE_DeleteTensorHandle(capture));
      throw error;
    } finally {
      binding.sink = undefined;
      watch.restore();
      tf.dispose(given);
    }
  }

  /** Writes a step down and makes a function of it. */
  function recordingOf<I extends tf.TensorContainer, R extends tf.TensorContainer>(
    step: (inputs: I) => R,
    inputs: I,
    variables: readonly tf.Variable[],
    name: string,
    precision?: Precision,
  ): Recording<R> {
    const functionName = `realign_${name.replaceAll(/\W/g, "_")}_${recordings++}`;
    using graph = new TensorflowGraph(binding, name);
    return trace(
      graph,
      step,
      inputs,
      variables,
      ({ returned, assigned, watch, listed }): Recording<R> => {
        const ids: number[] = [];
        const results: { shape: number[]; dtype: number }[] = [];
        const rebuild = mapTensors(returned, (tensor) => {
          results.push({ shape: tensor.shape, dtype: dtypeOf(tensor) });
          return ids.push(idOf(tensor)) - 1;
        });
        graph.finish([...ids, ...assigned.map(idOf)], functionName);
        const isRead = (variable: tf.Variable) =>
          holds(variable) && graph.hasCaptured(idOf(variable));
        return {
          functionName,
          captures: graph.captures,
          constants: watch.captured(listed, isRead),
          statistics: { operations: graph.operationCount, flops: graph.flops },
          results,
          assigned: assigned.map((variable) => ({
            variable,
            shape: variable.shape,
            dtype: dtypeOf(variable),
          })),
          rebuild: (tensors: tf.Tensor[]) => rebuild((place) => tensors[place]) as R,
        };
      },
      precision === "bfloat16" ? halfPrecision(graph, dilatesInHalf(binding)) : graph,
    );
  }

  return {
    freeze(compute, inputs, name): FrozenGraph {
      using graph = new TensorflowGraph(binding, name, { frozen: true });
      return trace(graph, compute, inputs, [], ({ returned }) => {
        const results: [string, tf.Tensor][] = [];
        mapTensors(returned, (tensor, path) => results.push([path, tensor]) - 1);
        const { bytes, shapes, ...nodes } = graph.serialize(results.map(([, one]) => idOf(one)));
        const places = (tensors: [string, tf.Tensor][], names: readonly string[]): GraphPlace[] =>
          tensors.map(([name, { shape, dtype }], k) => ({ name, node: names[k], shape, dtype }));
        return {
          bytes,
          inputs: places(Object.entries(inputs), nodes.parameters),
          outputs: places(results, nodes.results),
          shapes,
        };
      });
    },
    after(tensor, awaited) {
      if (!binding.sink) return tensor;
      // Has no result before it has all its inputs; TensorFlow removes it only where it has a single one.
      const inputs = [tensor, ...awaited];
      return backend.executeMultipleOutputs("IdentityN", [], inputs, inputs.length)[0];
    },
    record<I extends tf.TensorContainer, R extends tf.TensorContainer>(
      step: (inputs: I) => R,
      options: RecordOptions,
    ): RecordedStep<I, R> {
      const { name = "step", xla = false, precision } = options;
      const variables = [...new Set(options.variables)];
      const attributes = xla
        ? [{ name: "_XlaMustCompile", type: AttributeType.bool, value: true }]
        : [];
      const bySignature = new Map<string, Recording<R>>();
      const run = (inputs: I): R => {
        // Within another recording the step becomes a part of it.
        if (binding.sink) return tf.tidy(name, () => step(inputs)) as R;
        const tensors = tensorsIn(inputs);
        const signature = signatureOf(inputs);
        let recording = bySignature.get(signature);
        if (!recording) {
          recording = recordingOf(step, inputs, variables, name, precision);
          bySignature.set(signature, recording);
        }
        assertUnchanged(recording.constants, name);
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
        throw new TypeError(`Cannot record a step with tensors of type ${tensor.dtype}`);
    }
  }
}
