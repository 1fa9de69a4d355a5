/**
 * Whether dilated convolutions can be computed in bfloat16.
 *
 * @module
 */
import { AttributeType, type OpAttribute } from "./attributes.ts";
import { DataType, type TensorflowBinding } from "./binding.ts";
import { convAttributes } from "./kernels.ts";

const answers = new WeakMap<TensorflowBinding, boolean>();

/**
 * Tries a gradient of one. oneDNN computes in bfloat16 only on CPUs with AVX-512; Eigen's kernel, which stands in
 * for it elsewhere, refuses a dilation there.
 *
 * @param binding TensorFlow; each is asked once
 */
export function dilatesInHalf(binding: TensorflowBinding): boolean {
  let answer = answers.get(binding);
  if (answer === undefined) answers.set(binding, answer = tryDilation(binding));
  return answer;
}

function tryDilation(binding: TensorflowBinding): boolean {
  const type = (name: string, value: number) => ({ name, type: AttributeType.type, value });
  const made: number[] = [];
  const keep = (id: number): number => made[made.push(id) - 1];
  const run = (name: string, attributes: readonly OpAttribute[], inputs: readonly number[]) =>
    keep(binding.executeOp(name, attributes, inputs, 1)[0].id);
  const zeros = (shape: number[], length: number): number =>
    run("Cast", [type("SrcT", DataType.float), type("DstT", DataType.bfloat16)], [
      keep(binding.createTensor(shape, DataType.float, new Float32Array(length))),
    ]);
  const shape = new Int32Array([1, 3, 3, 1]);
  const attributes = convAttributes(
    { strides: [1, 1], dilations: [2, 2], pad: "valid" },
    DataType.bfloat16,
  );
  try {
    run("Conv2DBackpropInput", attributes, [
      keep(binding.createTensor([4], DataType.int32, shape)),
      zeros([2, 2, 1, 1], 4),
      zeros([1, 1, 1, 1], 1),
    ]);
    return true;
  } catch {
    return false;
  } finally {
    for (const id of made) binding.deleteTensor(id);
  }
}
