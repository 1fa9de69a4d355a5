import type { Overlay, Picture } from "@realign/core";
import { decodePicture, encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { withStore } from "../testing.ts";
import { readSamples, type Sample, saveSamples } from "./sample_files.ts";

const plain = (level: number): Picture => ({
  height: 1,
  width: 2,
  pixels: new Uint8Array(6).fill(level),
});
const legend = [{ name: "road", colour: [10, 20, 30] }, {
  name: "sky",
  colour: [40, 50, 60],
}] as const;

const sample = (overlay?: Overlay): Sample => ({
  id: "a",
  truth: "",
  clean: plain(10),
  adversarial: plain(13),
  restored: plain(11),
  predictions: { clean: "x", adversarial: "y", restored: "z" },
  ...overlay && {
    overlays: { truth: overlay, clean: overlay, adversarial: overlay, restored: overlay },
  },
});

const kept = (samples: readonly Sample[]) =>
  withStore(async (store) => {
    await saveSamples(store, { attack: "pgd", restoredBy: "G", samples, legend }, encodePng);
    return (await readSamples(store))!;
  });

Deno.test("readSamples() gives label maps back in the classes' colours", async () => {
  const labelMap = { height: 2, width: 1, classes: Uint8Array.of(1, 255) };
  const { samples: [only], legend: colours } = await kept([sample({ labelMap })]);
  assert.deepEqual(colours, legend);
  const map = await decodePicture(only.maps!.restored);
  assert.deepEqual([map.height, map.width], [2, 1]);
  assert.deepEqual([...map.pixels], [40, 50, 60, 255, 255, 255]);
  assert.equal(only.boxes, undefined);
});

Deno.test("readSamples() gives boxes back", async () => {
  const boxes = [{ box: [0, 0.25, 0.5, 1], class: 1, score: 0.75 }] as const;
  const { samples: [only] } = await kept([sample({ boxes })]);
  assert.deepEqual(only.boxes?.adversarial, boxes);
  assert.equal(only.maps, undefined);
});

Deno.test("readSamples() of a task of texts knows of no colours", async () => {
  const { samples: [only], ...rest } = await kept([sample()]);
  assert.deepEqual(Object.keys(rest).sort(), ["attack", "magnification", "restoredBy"]);
  assert.deepEqual(Object.keys(only).sort(), ["id", "pictures", "predictions", "truth"]);
  assert.equal(rest.magnification, 42);
});

Deno.test("saveSamples() of none leaves no former pictures for a report", () =>
  withStore(async (store) => {
    await saveSamples(
      store,
      { attack: "pgd", restoredBy: "G", samples: [sample()], legend },
      encodePng,
    );
    assert.equal((await readSamples(store))?.attack, "pgd");
    await saveSamples(store, undefined, encodePng);
    assert.equal(await readSamples(store), undefined);
  }));

Deno.test("readSamples() says which picture is no PNG, and what makes it anew", () =>
  withStore(async (store) => {
    const collected = { attack: "pgd", restoredBy: "G", samples: [sample()], legend };
    await saveSamples(store, collected, encodePng);
    const name = "pictures/01-restored.png";
    const bytes = (await store.readBytes(name))!;
    for (const damaged of [new Uint8Array(0), bytes.slice(0, 20), bytes.slice(0, -9)]) {
      await store.write(name, damaged);
      await assert.rejects(
        readSamples(store),
        /^Error: Cannot use pictures\/01-restored\.png as it is damaged: .*realign evaluate /,
      );
    }
  }));
