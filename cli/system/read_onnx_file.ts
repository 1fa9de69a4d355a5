/**
 * Reads models' files from the disk, ONNX or TensorFlow.js, with the weights that lie beside them.
 *
 * @module
 */
import { isInside } from "@realign/datasets";
import { type OnnxModel, readModel } from "@realign/interop";
import { basename, dirname, join } from "node:path";
import { fileError } from "./failure.ts";
import { readWhole } from "./safe_file.ts";

/** A model, and which files it is. */
export interface ModelOnDisk {
  /** It is called by its file's name. */
  readonly model: OnnxModel;
  readonly path: string;
  /** Files that were read beside it, from its folder on. */
  readonly beside: readonly string[];
}

/**
 * Reads an ONNX file, or the `model.json` of a TensorFlow.js model. Weights beside it must lie in its folder, links followed.
 *
 * @param path The file
 * @throws {Error} One line that names the file and the reason
 */
export async function readOnnxFile(path: string): Promise<ModelOnDisk> {
  const folder = dirname(path);
  const beside: string[] = [];
  const model = await readModel(await readWhole(path, "the model"), {
    origin: path,
    async readBeside(location) {
      const place = join(folder, location);
      const [home, real] = await Promise.all([Deno.realPath(folder), realPath(place)]);
      if (!isInside(home, real)) {
        throw new Error(`must lie in the model's folder: ${location} is a link out of it`);
      }
      beside.push(location);
      return await readWhole(place, "the weights");
    },
  });
  return { model: { ...model, origin: basename(path) }, path, beside };
}

async function realPath(path: string): Promise<string> {
  return await Deno.realPath(path).catch((error) => {
    throw fileError("read the weights", path, error);
  });
}
