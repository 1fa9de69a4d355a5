/** A program of its own that chooses what computes, reads a picture, and comes to its end. */
import { selectBackend } from "@realign/core/backend";
import { decodePicture, encodeJpeg } from "@realign/datasets";

const { name } = await selectBackend("auto");
const jpeg = await encodeJpeg({ height: 8, width: 8, pixels: new Uint8Array(192) }, 90);
const { pixels } = await decodePicture(jpeg);
console.log(name, pixels.length);
