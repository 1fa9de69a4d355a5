/**
 * An exported page in a browser, on every engine that is there, beside the command line. Skipped where there is no
 * Chromium: REALIGN_CHROMIUM names it.
 */
import { createRandom } from "@realign/core";
import { createAttack, createVictim } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { CHROMIUM, hasChromium, startChromium } from "../bench/page/chromium.ts";
import { type DrivenPage, drivePage } from "../bench/page/drive_page.ts";
import { resumeRun } from "../cli/commands/open_run.ts";
import { ENGINES } from "../cli/page/browser/engines.ts";
import { NO_CACHE } from "../cli/runs/cache_key.ts";
import { openFunction } from "../cli/stages/exported_function.ts";
import { Interruption } from "../cli/system/interruption.ts";
import { Output } from "../cli/terminal/output.ts";
import { runHere, TINY } from "../cli/testing.ts";

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
  using interruption = new Interruption(() => {}, "");
  const output = new Output(true, interruption.listen());
  const options = {
    ...{ runs: join(folder, "runs"), cache: NO_CACHE },
    ...{ backend: "auto" as const, device: "auto", threads: 0 },
  };
  using run = await resumeRun("latest", options, { overrides: [] }, output, { training: false });
  using stack = new DisposableStack();
  const system = await openFunction("system", run.bench, run.store, stack, output);
  const target = await openFunction("target", run.bench, run.store, stack, output);
  const images = tf.tensor4d([...pixels], [1, 32, 32, 3]);
  const attackOn = async (name: string, forward: typeof target) => {
    const victim = createVictim({
      ...{ name, forward: (images: tf.Tensor4D) => forward(images) },
      objectives: run.bench.task.objectives as never,
    });
    using pgd = createAttack({
      ...{ name: "pgd", objective: "cross-entropy", randomStart: "none" },
      ...{ epsilon: attack.epsilon / 255, stepSize: attack.epsilon / 255 / 4, steps: attack.steps },
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
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
