/**
 * Pictures changed at random, by seed: decoded, or named in one line; those beside them are restored.
 */
import { decodePicture, pictureSize } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { runHere } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { mutations } from "./counts.ts";
import { assertRefused, mutate, tryAll } from "./mutations.ts";
import { begin, filesIn } from "./small_run.ts";

const [height, width] = [12, 10];
const pixels = Uint8Array.from({ length: height * width * 3 }, (_, at) => (at * 37) % 256);
const image = () => sharp(pixels, { raw: { height, width, channels: 3 } });

/** The picture in every format that is read. */
const encoded = await Promise.all([
  image().png(),
  image().png({ progressive: true, palette: true }),
  image().jpeg({ quality: 80 }).withMetadata({ orientation: 6 }),
  image().webp({ quality: 80 }),
  image().gif(),
  image().tiff({ compression: "lzw" }),
  image().avif({ quality: 60 }),
].map(async (encoding) => new Uint8Array(await encoding.toBuffer())));

Deno.test(`${mutations.pictures} mutated pictures of ${encoded.length} formats are decoded or named`, () =>
  tryAll(mutations.pictures, "pictures", encoded, async (changed) => {
    const picture = await decodePicture(changed, { name: "mutated" });
    assert.equal(picture.pixels.length, picture.height * picture.width * 3);
    assert.deepEqual(await pictureSize(changed, "mutated"), [picture.height, picture.width]);
    const scaled = await decodePicture(changed, { name: "mutated", size: [4, 6] });
    assert.deepEqual([scaled.height, scaled.width], [4, 6]);
  }));

Deno.test(`${mutations.defended} mutated pictures leave those beside them restored`, () =>
  withFolder(async (folder) => {
    const places = ["--runs", join(folder, "runs"), "--cache", "off"];
    const short = ["--steps", "1", "--target-steps", "1", "--attack-cache", "off"];
    const trained = await runHere(["train", ...begin, ...short, ...places, "--json"]);
    assert.equal(trained.code, 0, trained.error);
    const [pictures, out] = ["pictures", "out"].map((name) => join(folder, name));
    const { run } = JSON.parse(trained.out) as { run: string };
    const defend = ["defend", run, pictures, "--out", out, ...places.slice(0, 2)];
    await Deno.mkdir(pictures);
    const names = encoded.map((_, index) => join(pictures, `${index}.png`));
    await Promise.all(names.map((name, index) => Deno.writeFile(name, encoded[index])));
    assert.equal((await runHere(defend)).code, 0);
    const expected = await Promise.all(names.map((_, at) => Deno.readFile(join(out, `${at}.png`))));
    let refused = 0;
    for (let turn = 0; turn < mutations.defended; turn++) {
      const which = turn % names.length;
      await Deno.remove(out, { recursive: true });
      await Deno.writeFile(names[which], mutate(encoded[which], "defended", turn));
      const ended = await runHere(defend);
      await Deno.writeFile(names[which], encoded[which]);
      if (ended.code !== 0) {
        refused++;
        assertRefused(ended, `picture ${turn}`);
      }
      for (const name of await filesIn(out)) {
        const restored = await Deno.readFile(join(out, name));
        const index = parseInt(name);
        if (index === which) await decodePicture(restored, { name });
        else assert.deepEqual(restored, expected[index], name);
      }
      assert.equal((await filesIn(out)).length, names.length - (ended.code === 0 ? 0 : 1));
    }
    assert.ok(refused > mutations.defended / 10);
  }));
