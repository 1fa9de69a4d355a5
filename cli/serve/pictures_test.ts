import { useTestBackend } from "@realign/core/testing";
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { PICTURES } from "./pictures.ts";
import { pictureOf, withService } from "./testing.ts";

await useTestBackend();

/** A side that an encoder does not take, one pixel longer than it does. */
const TOO_LONG: readonly (readonly [string, height: number, width: number, most: number])[] = [
  ["image/webp", 1, 16_384, 16_383],
  ["image/jpeg", 65_501, 1, 65_500],
];

Deno.test("serve computes nothing that the type of its answer cannot hold", async () => {
  await withService(async ({ url }) => {
    for (const [type, height, width, most] of TOO_LONG) {
      const body = await encodePng(pictureOf(1, height, width)) as Uint8Array<ArrayBuffer>;
      const headers = { accept: type };
      const response = await fetch(`${url}/v1/restore`, { method: "POST", body, headers });
      const { error } = await response.json();
      assert.equal(response.status, 406, type);
      assert.ok(error.includes(`${type} as its sides are at most ${most} pixels`), error);
    }
    const metrics = await (await fetch(`${url}/metrics`)).text();
    assert.match(metrics, /^realign_restored_images_total 0$/m);
  });
  for (const [type, height, width, most] of TOO_LONG) {
    const { encode, longestSide } = PICTURES[type];
    assert.equal(longestSide, most);
    await assert.rejects(encode(pictureOf(1, height, width)));
    const fits = (side: number) => Math.min(side, most);
    await encode(pictureOf(1, fits(height), fits(width)));
  }
});
