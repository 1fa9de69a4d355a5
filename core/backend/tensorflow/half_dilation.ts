/**
 * Whether dilated convolutions can be computed in bfloat16.
 *
 * @module
 */
import { AttributeType, type OpAttribute } from "./attributes.ts";
import { DataType, type TensorflowBinding } from "./binding.ts";

const answers = new WeakMap<TensorflowBinding, boolean>();

/**
 * Tries a gradient of one. oneDNN computes in bfloat16 only on CPUs with AVX-512; Eigen's kernel, which stands in for it
 * elsewhere, refuses a dilation there.
 *
 * @param binding TensorFlow; each is asked once
 */
export function dilatesInHalf(binding: TensorflowBinding): boolean {
  let answer = answers.get(binding);
  if (answer === undefined) answers.set(binding, answer = tryDilation(binding));
  return answer;
}

function tryDilation(binding: TensorflowBinding): boolean {
  const attribute = (name: string, type: number, value: unknown): OpAttribute => ({
    name,
    type,
    value,
  });
  const made: number[] = [];
  /** Runs an operation at once, also while a step is recorded. */
  const run = (name: string, attributes: OpAttribute[], inputs: readonly number[]): number => {
    const [handle] = binding.run(name, attributes, inputs.map((id) => binding.handle(id)), 1);
    return made[made.push(binding.adopt(handle)) - 1];
  };
  const zeros = (shape: number[], length: number): number => {
    const wide = binding.createTensor(shape, DataType.float, new Float32Array(length));
    made.push(wide);
    return run("Cast", [
      attribute("SrcT", AttributeType.type, DataType.float),
      attribute("DstT", AttributeType.type, DataType.bfloat16),
    ], [wide]);
  };
  try {
    const shape = binding.createTensor([4], DataType.int32, new Int32Array([1, 3, 3, 1]));
    made.push(shape);
    run("Conv2DBackpropInput", [
      attribute("T", AttributeType.type, DataType.bfloat16),
      attribute("strides", AttributeType.int, [1, 1, 1, 1]),
      attribute("dilations", AttributeType.int, [1, 2, 2, 1]),
      attribute("padding", AttributeType.string, "VALID"),
    ], [shape, zeros([2, 2, 1, 1], 4), zeros([1, 1, 1, 1], 1)]);
    return true;
  } catch {
    return false;
  } finally {
    for (const id of made) binding.deleteTensor(id);
  }
}
