import assert from "node:assert/strict";
import { imagesOf, picturesOf } from "./images.ts";
import { useTestBackend } from "./testing/mod.ts";

await useTestBackend();

Deno.test("picturesOf and imagesOf are inverse on 8 bit values, and sizes may not differ", async () => {
  const pixels = Uint8Array.from({ length: 2 * 3 * 3 }, (_, at) => at * 14);
  const pictures = [0, 1].map((row) => ({
    height: 2,
    width: 3,
    pixels: pixels.map((x) => x + row),
  }));
  assert.deepEqual(await picturesOf(imagesOf(pictures)), pictures);
  const other = { height: 3, width: 2, pixels };
  assert.throws(() => imagesOf([pictures[0], other]), /must be 2x3: current size is 3x2/);
});
