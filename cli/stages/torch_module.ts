/**
 * A written module of PyTorch, run by the Python that is `python3` here.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import type { ModelFiles } from "@realign/interop";
import { join } from "node:path";

/** A model that another program runs. */
export interface AskedModel {
  /**
   * Runs it.
   *
   * @param images In the layout in which it was written
   * @returns Its outputs by name; the caller's
   */
  ask(images: tf.Tensor4D): Promise<ReadonlyMap<string, tf.Tensor>>;
}

/** Starts a Python in a folder; the arguments are Python's. */
export type StartPython = (options: Deno.CommandOptions) => Deno.Command;

/** The tasks may start no other program. In an activated environment it is that environment's. */
const python3: StartPython = (options) => new Deno.Command("python3", options);

/** Fails with 3 where PyTorch is absent; reads float32 images, writes a line of JSON and then float32 numbers. */
const PROGRAM = `
import array, importlib.util, json, sys
if importlib.util.find_spec("torch") is None: sys.exit(3)
if len(sys.argv) == 1: sys.exit(0)
import torch
import realign_model
shape = json.loads(sys.argv[1])
images = torch.frombuffer(bytearray(sys.stdin.buffer.read()), dtype=torch.float32).reshape(shape)
with torch.no_grad(): outputs = realign_model.load()(images)
header = [[name, list(value.shape)] for name, value in outputs.items()]
sys.stdout.buffer.write(json.dumps(header).encode() + b"\\n")
for value in outputs.values(): sys.stdout.buffer.write(array.array("f", value.flatten().tolist()).tobytes())
`;

/** The exit code of a Python without PyTorch. */
const ABSENT = 3;

/**
 * Makes a written module ready to be asked, if there is a Python with PyTorch.
 *
 * @param files Of the format `torch`
 * @param folder An empty folder, the caller's to remove
 * @param start Starts the Python
 * @returns The model, or why it cannot be run
 */
export async function openTorchModule(
  files: ModelFiles,
  folder: string,
  start: StartPython = python3,
): Promise<AskedModel | string> {
  const reason = await reasonAgainst(start, folder);
  if (reason !== undefined) return reason;
  for (const [name, bytes] of files) await Deno.writeFile(join(folder, name), bytes);
  return {
    async ask(images) {
      const input = new Uint8Array((await images.data() as Float32Array).slice().buffer);
      const args = ["-B", "-c", PROGRAM, JSON.stringify(images.shape)];
      const options = {
        args,
        cwd: folder,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      } as const;
      const child = start(options).spawn();
      const output = child.output();
      const writer = child.stdin.getWriter();
      // A Python that ends at once reads nothing; what it says is told below.
      await writer.write(input).then(() => writer.close()).catch(() => {});
      const { success, stdout, stderr } = await output;
      if (success) return readOutputs(stdout);
      const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
      throw new Error(`Cannot export the model as PyTorch fails to run it: ${said}`);
    },
  };
}

/** Why no Python with PyTorch can be started; undefined if one can. */
async function reasonAgainst(start: StartPython, cwd: string): Promise<string | undefined> {
  try {
    const silent = { stdout: "null", stderr: "null" } as const;
    const { code } = await start({ args: ["-B", "-c", PROGRAM], cwd, ...silent }).output();
    return code === 0
      ? undefined
      : code === ABSENT
      ? "python3 has no torch: activate the environment that has it"
      : "python3 cannot be run";
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "there is no python3" : "python3 may not be run";
  }
}

/** What the program wrote. */
function readOutputs(bytes: Uint8Array): ReadonlyMap<string, tf.Tensor> {
  const end = bytes.indexOf("\n".charCodeAt(0));
  const header: [string, number[]][] = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  const numbers = new Float32Array(bytes.slice(end + 1).buffer);
  let at = 0;
  return new Map(header.map(([name, shape]) => {
    const size = shape.reduce((product, side) => product * side, 1);
    at += size;
    return [name, tf.tensor(numbers.slice(at - size, at), shape)];
  }));
}
