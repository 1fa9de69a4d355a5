/**
 * Signals that end the process at once: before anything is made, and the second one.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { signals } from "./counts.ts";
import { assertStopped, signalAt, test, withPlaces } from "./signalled.ts";
import { begin, filesIn } from "./small_run.ts";

/** A plugin whose data never come, in one of their splits. */
const waiting = (split: string) => `
import bars from ${JSON.stringify(pathToFileURL(begin[2]).href)};
const never = () => new Promise((resolve) => setTimeout(resolve, 1e6));
const open = bars.datasets.bars;
export default { ...bars, datasets: { bars: async (split, request) => {
  const data = await open(split, request);
  if (${JSON.stringify(split)} === "any") {
    console.error("waiting");
    await never();
  }
  let reads = 0;
  return { ...data, notes: [], read: async (index) => {
    if (split === ${JSON.stringify(split)} && ++reads > 100) {
      console.error("waiting");
      await never();
    }
    return await data.read(index);
  } };
} } };
`;

test("before anything is made a signal ends the process, and later a second one does", () =>
  withPlaces(async (runs, places, folder) => {
    const plugin = join(folder, "waits.ts");
    const args = ["train", begin[0], "--plugin", plugin, ...begin.slice(3), ...places];
    await Deno.writeTextFile(plugin, waiting("any"));
    const early = await signalAt(args, "SIGINT", (error) => /waiting/.test(error));
    assertStopped(early, "SIGINT", "realign", ...args);
    assert.deepEqual(await filesIn(runs), []);

    await Deno.writeTextFile(plugin, waiting("train"));
    let first = false;
    const late = await signalAt(
      [...args, "--target.train.epochs=40"],
      "SIGTERM",
      (error, child) => {
        if (/waiting/.test(error) && !first) child.kill("SIGINT");
        first ||= /waiting/.test(error);
        return /a second one ends at once/.test(error);
      },
    );
    assert.equal(late.code, 143, late.error);
    assert.ok(late.seconds < 1);
  }));

test("the first signal is told of and a second one ends the process while a computation lets none be heard", () =>
  withPlaces(async (_, places, folder) => {
    const plugin = join(folder, "computes.ts");
    const busy = waiting("train").replace(
      "const never = () => new Promise",
      `const never = () => {
  const begun = performance.now();
  while (performance.now() - begun < 20_000);
};
const unused = () => new Promise`,
    );
    await Deno.writeTextFile(plugin, busy);
    const args = ["train", begin[0], "--plugin", plugin, ...begin.slice(3), ...places];
    for (const signal of signals["long computations"]) {
      let [sent, told] = [0, Infinity];
      const ended = await signalAt(
        [...args, "--target.train.epochs=40"],
        signal,
        (error, child) => {
          if (!/waiting/.test(error)) return false;
          if (sent === 0) child.kill(signal);
          sent ||= performance.now();
          const isTold = new RegExp(`^${signal}: ending after the step`, "m").test(error);
          if (isTold) told = performance.now() - sent;
          return isTold || performance.now() - sent > 5000;
        },
      );
      assert.equal(ended.code, signal === "SIGINT" ? 130 : 143, ended.error);
      assert.ok(ended.seconds < 1, `${ended.seconds} s`);
      assert.ok(told < 2000, `${signal} was told of after ${told} ms`);
    }
  }));
