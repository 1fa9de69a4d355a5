/**
 * Boxes on an exported page of a detector, on a phone's width. Skipped where there is no Chromium: REALIGN_CHROMIUM
 * names it.
 */
import { formatSafetensors, parseSafetensors } from "@realign/core";
import * as tf from "@realign/core/tf";
import { useTestBackend } from "@realign/core/testing";
import { findBoxes } from "@realign/detection";
import assert from "node:assert/strict";
import { join } from "node:path";
import { CHROMIUM, hasChromium, startChromium, type Tab } from "../bench/page/chromium.ts";
import { drivePage, type ToldImage } from "../bench/page/drive_page.ts";
import { runHere, TINY } from "../cli/testing.ts";
import { withFolder } from "../cli/testing_folder.ts";
import { withNetworks } from "./page_networks.ts";
import { weightsOf } from "./transfer_program.ts";

await useTestBackend();
const isThere = tf.getBackend() === "tensorflow" && await hasChromium();
if (!isThere) console.log(`skipped: no page is driven, as ${CHROMIUM} is not there`);

interface Drawn {
  readonly text: string;
  /** Corners, in `[0, 1]`. */
  readonly box: readonly number[];
  /** Whether its name lies inside the picture, at least so many pixels tall. */
  readonly isWhole: boolean;
  readonly height: number;
}

/** What is drawn on a picture, measured on the screen. */
const drawnOn = (tab: Tab, figure: string) =>
  tab.evaluate<Drawn[]>(`(() => {
    const svg = document.querySelector('[data-figure="${figure}"] svg.boxes');
    const frame = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll("rect:not(.halo)")];
    return [...svg.querySelectorAll("text")].map((text, k) => {
      const one = text.getBoundingClientRect();
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) =>
        boxes[k][name].baseVal.value / (name === "x" || name === "width" ? 300 : svg.viewBox.baseVal.height)
      );
      return {
        text: text.textContent,
        box: [x, y, x + width, y + height],
        isWhole: one.left >= frame.left && one.right <= frame.right && one.top >= frame.top - 4 &&
          one.bottom <= frame.bottom + 4 && frame.right <= innerWidth,
        height: one.height,
      };
    });
  })()`);

/** Weights by which a detector finds something in every picture, untrained: one prior of a map is a class. */
async function writeWeights(from: string, to: string): Promise<void> {
  const { tensors, metadata } = parseSafetensors(await Deno.readFile(from), from);
  const name = "head.classification_head.module_list.2.bias";
  const { shape, data } = tensors.get(name)!;
  const raised = Float32Array.from(data, (value, k) => value + (k === 2 ? 4 : 0));
  const { sha256: _, ...said } = metadata;
  const all = new Map([...tensors, [name, { shape, data: raised }]]);
  await Deno.writeFile(to, formatSafetensors(all, said));
}

Deno.test({
  name: "boxes on a page are the command line's, with names that are whole on a phone",
  ignore: !isThere,
  fn: () =>
    withFolder(async (folder) => {
      const runs = join(folder, "runs");
      const realign = async (...args: string[]) => {
        const { code, error, out } = await runHere(args);
        assert.equal(code, 0, `${args.join(" ")}\n${error}`);
        return out;
      };
      const begin = [...TINY, "--runs", runs, "--cache", "off"];
      const first = await realign("train-target", "det-shapes", "--steps", "1", ...begin, "--json");
      const weights = join(folder, "weights.safetensors");
      await writeWeights(weightsOf(runs, JSON.parse(first).run), weights);
      await realign(
        ...["train", "det-shapes", "--steps", "1", "--target-weights", weights, ...begin],
        ...["--attack-cache", "off"],
      );
      await realign("export", "latest", "--format", "web", "--out", folder, "--runs", runs);
      await using browser = await startChromium();
      const page = await drivePage(browser, join(folder, "index.html"), { engine: "wasm" });
      const { tab } = page;
      await tab.send("Emulation.setDeviceMetricsOverride", {
        ...{ width: 390, height: 844, deviceScaleFactor: 2, mobile: true },
      });
      const told = await page.attack({ attacked: "target", epsilon: 8, steps: 3 });

      await withNetworks(runs, async ({ bench, system, target }) => {
        const { classNames } = bench.images;
        const expectedOf = async (network: typeof target, { image }: ToldImage) => {
          const { logits, offsets, priors } = network(tf.tensor4d([...image], [1, 64, 64, 3]));
          const numbers = async (one: tf.Tensor) => await one.data<"float32">();
          const raw = {
            logits: await numbers(logits),
            offsets: await numbers(offsets),
            priors: await numbers(priors),
          };
          return findBoxes(raw, classNames.length, { threshold: 0.5 });
        };
        for (
          const [figure, network, seen] of [
            ["clean", target, page.first.clean!],
            ["restored-clean", system, page.first.clean!],
            ["adversarial", target, told.adversarial!],
            ["restored", system, told.adversarial!],
          ] as const
        ) {
          const [drawn, expected] = [await drawnOn(tab, figure), await expectedOf(network, seen)];
          assert.ok(expected.length > 0, `${figure}: nothing is found`);
          assert.equal(drawn.length, expected.length, figure);
          for (const [k, { box, class: index, score }] of expected.entries()) {
            const { text, box: corners, isWhole, height } = drawn[k];
            const [, name, percent] = /^(\w+) (?:> )?([\d.]+) %$/.exec(text)!;
            assert.equal(name, classNames[index]);
            assert.ok(Math.abs(Number(percent) - 100 * score) < 0.2, `${text}: ${score}`);
            assert.ok(box.every((value, at) => Math.abs(value - corners[at]) < 1e-3), figure);
            assert.ok(isWhole, `${figure}: ${text} is cut off`);
            assert.ok(height >= 12, `${figure}: ${text} is ${height} pixels tall`);
          }
        }
      });
      const width = await tab.evaluate<number>(`document.documentElement.scrollWidth`);
      assert.ok(width <= 390, `the page is ${width} pixels wide`);
      assert.deepEqual(tab.errors, []);
    }),
});
