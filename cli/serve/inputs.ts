/**
 * What requests ask for: images in a body, settings in a query.
 *
 * @module
 */
import { HttpError } from "./answers.ts";
import type { HostImage } from "./image.ts";
import { type Limits, readBody } from "./limits.ts";
import { decode, PICTURES } from "./pictures.ts";
import { parseTensor, SHAPE_HEADER, TENSOR } from "./tensors.ts";

/** Types that say nothing of a body; the second is curl's word for `--data-binary`. */
const UNTOLD = ["", "application/x-www-form-urlencoded"];

/** The images of a request. */
export interface Input {
  /** Of one size; at least one. */
  readonly images: readonly HostImage[];
  /** Whether they came as a batch, `[B, H, W, 3]`. */
  readonly batched: boolean;
}

/**
 * Reads the images of a request.
 *
 * @param request Its type, its body, a tensor's shape
 * @param limits Of its body and images
 * @param received Told of every part's bytes
 * @throws {HttpError} For whatever is wrong with it
 */
export async function readInput(
  request: Request,
  limits: Limits,
  received: (bytes: number) => void,
): Promise<Input> {
  const { headers } = request;
  const type = (headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
  const isTensor = type === TENSOR;
  if (!isTensor && !UNTOLD.includes(type) && !type.startsWith("image/")) {
    throw new HttpError(
      415,
      `Cannot read the body as its content-type must be one of ${
        [...Object.keys(PICTURES), TENSOR].join(", ")
      }`,
    );
  }
  if ((headers.get("content-encoding") ?? "identity") !== "identity") {
    throw new HttpError(415, "Cannot read the body as it is compressed: send it as it is");
  }
  const bytes = await readBody(request, limits, received);
  if (!isTensor) return { images: [await decode(bytes, limits)], batched: false };
  const shape = queryOf(request, "shape") ?? headers.get(SHAPE_HEADER);
  const batched = shape?.split(",").length === 4;
  return { images: parseTensor(bytes, shape, limits), batched };
}

function queryOf({ url }: Request, name: string): string | null {
  return new URL(url).searchParams.get(name);
}

/** Where a random defense draws from, by the query `seed`; a new one for each request without it. */
export function seedOf(request: Request): number {
  const text = queryOf(request, "seed");
  if (text === null) return crypto.getRandomValues(new Uint32Array(1))[0];
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new HttpError(
    400,
    'Cannot draw by the query "seed" as it must be an integer of at least 0',
  );
}

/** Whether images are restored before O sees them, by the query `defended`. */
export function isDefended(request: Request): boolean {
  const text = queryOf(request, "defended") ?? "true";
  if (text === "true" || text === "false") return text === "true";
  throw new HttpError(400, 'Cannot read the query "defended" as it must be true or false');
}
