/**
 * Reads models' files from the disk, ONNX or TensorFlow.js, with the weights that lie beside them.
 *
 * @module
 */
import { type OnnxModel, readModel } from "@realign/interop";
import { dirname, join, sep } from "node:path";
import { fileError } from "./failure.ts";
import { readWhole } from "./safe_file.ts";

/**
 * Reads an ONNX file, or the `model.json` of a TensorFlow.js model. Weights beside it must lie in its folder, links followed.
 *
 * @param path The file
 * @throws {Error} One line that names the file and the reason
 */
export async function readOnnxFile(path: string): Promise<OnnxModel> {
  const folder = dirname(path);
  return await readModel(await readWhole(path, "the model"), {
    origin: path,
    async readBeside(location) {
      const beside = join(folder, location);
      const [home, real] = await Promise.all([Deno.realPath(folder), realPath(beside)]);
      if (!real.startsWith(home + sep)) {
        throw new Error(`must lie in the model's folder: ${location} is a link out of it`);
      }
      return await readWhole(beside, "the weights");
    },
  });
}

async function realPath(path: string): Promise<string> {
  return await Deno.realPath(path).catch((error) => {
    throw fileError("read the weights", path, error);
  });
}
