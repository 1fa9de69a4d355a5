/**
 * An exported page in a browser, on every engine that is there, beside the command line. Skipped where there is no
 * Chromium: REALIGN_CHROMIUM names it.
 */
import { createRandom } from "@realign/core";
import { createAttack, createVictim } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import { useTestBackend } from "@realign/core/testing";
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { CHROMIUM, hasChromium, startChromium } from "../bench/page/chromium.ts";
import { type DrivenPage, drivePage, type ToldImage } from "../bench/page/drive_page.ts";
import { ENGINES } from "../cli/page/browser/engines.ts";
import { runHere, TINY } from "../cli/testing.ts";
import { chooseFile, drop, heard, listen, press, problemOf, shown, tabTo } from "./page_hands.ts";
import { withNetworks } from "./page_networks.ts";

await useTestBackend();
const isThere = tf.getBackend() === "tensorflow" && await hasChromium();
if (!isThere) console.log(`skipped: no page is driven, as ${CHROMIUM} is not there`);

/** Agreed on: a figure of the page is the command line's to this. */
const TOLERANCE = 1e-3;

const attack = { epsilon: 8, steps: 4 };

function assertNear(actual: readonly number[], expected: ArrayLike<number>, what: string): void {
  assert.equal(actual.length, expected.length, what);
  const worst = actual.reduce((most, one, k) => Math.max(most, Math.abs(one - expected[k])), 0);
  assert.ok(worst <= TOLERANCE, `${what} differs by ${worst}`);
}

/** What the command line's own networks and its PGD make of the page's first image. */
async function expectedOf(folder: string, pixels: readonly number[]) {
  return await withNetworks(join(folder, "runs"), async ({ bench, system, target }) => {
    const images = tf.tensor4d([...pixels], [1, 32, 32, 3]);
    const attackOn = async (name: string, forward: typeof target) => {
      const victim = createVictim({
        ...{ name, forward: (images: tf.Tensor4D) => forward(images) },
        objectives: bench.task.objectives as never,
      });
      using pgd = createAttack({
        ...{ name: "pgd", objective: "cross-entropy", randomStart: "none" },
        ...{
          epsilon: attack.epsilon / 255,
          stepSize: attack.epsilon / 255 / 4,
          steps: attack.steps,
        },
      }, victim);
      const labels = tf.argMax(forward(images).logits, 1) as tf.Tensor1D;
      const adversarial = await pgd.perturb(images, labels, createRandom(1));
      return {
        logits: await target(adversarial).logits.data(),
        defended: await system(adversarial).logits.data(),
      };
    };
    return {
      restored: await system(images).restored.data(),
      logits: await system(images).logits.data(),
      target: await attackOn("target", target),
      system: await attackOn("system", system),
    };
  });
}

/** Opens files in the page: by its input, by a drop; pictures and others. */
async function tryFiles(page: DrivenPage, folder: string): Promise<void> {
  const { tab } = page;
  const pictures = await Promise.all([3, 7].map(async (step) => {
    const pixels = Uint8Array.from({ length: 3 * 32 * 32 }, (_, k) => (step * k) % 256);
    return { pixels, bytes: await encodePng({ height: 32, width: 32, pixels }) };
  }));
  const [chosen, notes] = ["chosen.png", "notes.png"].map((name) => join(folder, name));
  await Deno.writeFile(chosen, pictures[0].bytes);
  await Deno.writeTextFile(notes, "no picture");

  async function check({ pixels }: typeof pictures[number]): Promise<ToldImage> {
    const { clean } = await page.next();
    assertNear(clean!.image, Float32Array.from(pixels, (value) => value / 255), "the image");
    const [own, behind, attacked] = await Promise.all(
      ["clean", "restored-clean", "adversarial"].map((name) => shown(tab, name)),
    );
    assert.deepEqual(own.pixels, [...pixels]);
    assert.deepEqual(behind.pixels, clean!.look.restored.map((value) => Math.round(255 * value)));
    assert.match(own.says, /\d %/);
    assert.match(behind.says, /\d %/);
    assert.deepEqual(attacked, { pixels: [], says: "" });
    assert.equal(await tab.evaluate(`document.querySelectorAll("[aria-pressed=true]").length`), 0);
    return clean!;
  }

  await chooseFile(tab, chosen);
  const { image, look } = await check(pictures[0]);
  const { restored, logits } = await expectedOf(folder, image);
  assertNear(look.restored, restored, "the file, restored");
  assertNear(look.system.logits, logits, "its logits");
  await drop(tab, "dropped", pictures[1].bytes);
  await check(pictures[1]);

  const refusal = "it is not a picture that the browser can read";
  await chooseFile(tab, notes);
  assert.equal(await problemOf(tab), `Cannot open notes.png: ${refusal}`);
  assert.deepEqual((await shown(tab, "clean")).pixels, [...pictures[1].pixels], "it stays");
  await drop(tab, "words");
  assert.equal(await problemOf(tab), "Cannot open what was dropped: it is no file");
  await drop(tab, "notes.txt", new TextEncoder().encode("no picture"));
  assert.equal(await problemOf(tab), `Cannot open notes.txt: ${refusal}`);
  // The same file as before is opened again, and takes back what was said.
  await chooseFile(tab, chosen);
  await check(pictures[0]);
  assert.equal(await tab.evaluate(`document.getElementById("problem").hidden`), true);
}

/** A sample, epsilon, an attack and its end, by the keyboard alone. */
async function tryKeys(page: DrivenPage): Promise<void> {
  const { tab } = page;
  await listen(tab);
  await tabTo(tab, ".sample:nth-of-type(2)");
  await press(tab, "Enter");
  const { clean } = await page.next();
  assert.notDeepEqual(clean!.image, page.first.clean!.image);
  assert.match(
    (await heard(tab)).join("\n"),
    /^Restored in \d+ ms\. The target says .+ %; behind/m,
  );
  const pressed =
    `document.querySelector('.sample[aria-pressed="true"]') === document.activeElement`;
  assert.ok(await tab.evaluate(pressed), "the sample is marked, and keeps the focus");

  await tabTo(tab, "#attack-target");
  await press(tab, "ArrowDown");
  assert.ok(await tab.evaluate(`document.getElementById("attack-system").checked`));
  await tabTo(tab, "#epsilon");
  const before = await tab.evaluate<number>(`document.activeElement.valueAsNumber`);
  await press(tab, "ArrowRight");
  assert.deepEqual(await heard(tab), [`${before + 1}/255`]);
  await tabTo(tab, "#steps");
  await tab.send("Input.insertText", { text: "200" });

  await tabTo(tab, "#attack");
  await press(tab, " ");
  // The button that ends the attack has the focus.
  assert.equal(await tab.evaluate(`document.activeElement.id`), "stop");
  await drop(tab, "late.png", new Uint8Array(8));
  assert.equal(await problemOf(tab), "Cannot open an image during an attack: stop it first");
  await tab.evaluate(`document.getElementById("problem").textContent = ""`);
  await press(tab, "Enter");
  const { attack, adversarial } = await page.next();
  assert.ok(attack!.steps < 200, `stopped after ${attack!.steps} of 200 steps`);
  const distances = adversarial!.image.map((value, k) => Math.abs(value - clean!.image[k]));
  const most = 255 * Math.max(...distances);
  assert.ok(most > before && most < before + 1 + TOLERANCE, `epsilon is ${most}/255`);
  const said = (await heard(tab)).join("\n");
  assert.match(said, /^Attacking with up to 200 steps/m);
  assert.match(said, /^Stopped after \d+ steps, .* Now the target says .+ %; behind/m);
  assert.equal(await tab.evaluate(`document.activeElement.id`), "attack");
  assert.match((await shown(tab, "adversarial")).says, /\d %/);
}

Deno.test({
  name: "an exported page gives the command line's figures on every engine of Chromium",
  ignore: !isThere,
  async fn(t) {
    const folder = await Deno.makeTempDir();
    const runs = ["--runs", join(folder, "runs")];
    const realign = async (...args: string[]) => {
      const { code, error } = await runHere(args);
      assert.equal(code, 0, `${args.join(" ")}\n${error}`);
    };
    try {
      const work = [...runs, "--cache", join(folder, "cache")];
      await realign("train", "cls-shapes", ...TINY, "--steps", "1", ...work);
      await realign("export", "latest", "--format", "web", "--out", folder, ...runs);
      await using browser = await startChromium();
      let expected: Awaited<ReturnType<typeof expectedOf>> | undefined;
      for (const engine of ENGINES) {
        let page: DrivenPage;
        try {
          page = await drivePage(browser, join(folder, "index.html"), { engine });
        } catch (error) {
          console.log(`skipped: ${engine} does not start here: ${(error as Error).message}`);
          continue;
        }
        await t.step(engine, async () => {
          assert.equal(page.ready.engine, engine);
          const { image, look } = page.first.clean!;
          expected ??= await expectedOf(folder, image);
          assertNear(look.restored, expected.restored, "the restored image");
          assertNear(look.system.logits, expected.logits, "its logits");
          for (const attacked of ["target", "system"] as const) {
            const { adversarial, attack: made } = await page.attack({ ...attack, attacked });
            assert.equal(made!.steps, attack.steps);
            const { target, system } = adversarial!.look;
            assertNear(target.logits, expected[attacked].logits, `${attacked}: logits`);
            assertNear(system.logits, expected[attacked].defended, `${attacked}: behind G`);
          }
          assert.deepEqual(page.tab.errors, []);
          const asked = page.tab.requests.filter((url) => !/^(?:file|data|blob):/.test(url));
          assert.deepEqual(asked, []);
        });
        await page.close();
      }
      assert.ok(expected, "no engine was there, and wasm is everywhere");
      const page = await drivePage(browser, join(folder, "index.html"), { engine: "wasm" });
      await t.step("files are opened by the input and by a drop", () => tryFiles(page, folder));
      await t.step("all goes by the keyboard", () => tryKeys(page));
      assert.deepEqual(page.tab.errors, []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
