/**
 * What a command is given and cannot use: one line, the right exit code, nothing half-written.
 */
import { createRandom, formatSafetensors } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere, startRealign } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { createBarNet } from "../bar_angle/network.ts";
import { begin, filesIn } from "./small_run.ts";

/** O's weights as a file, changed. */
async function weightsFile(
  path: string,
  change: (tensors: Map<string, { shape: readonly number[]; data: Float32Array }>) => void,
): Promise<void> {
  await useTestBackend();
  using network = createBarNet("bar-net", createRandom(1));
  const tensors = await network.parameters.export();
  change(tensors);
  await Deno.writeFile(path, formatSafetensors(tensors, {}));
}

Deno.test("what cannot be used ends with one line and leaves nothing half-written", () =>
  withFolder(async (folder) => {
    const runs = join(folder, "runs");
    const path = (name: string) => join(folder, name);
    await weightsFile(path("shape.safetensors"), (tensors) => {
      tensors.set("last.weight", { shape: [2, 33], data: new Float32Array(66) });
    });
    await weightsFile(path("missing.safetensors"), (tensors) => tensors.delete("last.bias"));
    await weightsFile(path("nan.safetensors"), (tensors) => {
      tensors.set("last.bias", { shape: [2], data: Float32Array.of(0, NaN) });
    });
    await Deno.writeTextFile(path("text.safetensors"), "not weights at all");
    await Deno.writeTextFile(path("broken.ts"), "export default {");
    await Deno.writeTextFile(path("empty.ts"), "export default {};");
    const evaluate = (name: string) => [
      ...["evaluate", "--preset", ...begin.slice(0, 3)],
      ...["--target-weights", path(`${name}.safetensors`), "--attacks", "none", "--examples", "2"],
    ];
    const cases: [string[], number, RegExp][] = [
      [["train", "barz", ...begin.slice(1)], 2, /did you mean "bars"\?/],
      [["train", ...begin, "--losses.weigths.task=1"], 2, /did you mean "weights"\?/],
      [["train", ...begin, "--losses.setting=L_X"], 2, /must be one of "full"/],
      [["train", ...begin, "--architecture", "bar-nett"], 1, /must be "bar-net"/],
      [["train", ...begin, "--dataset.name=bats"], 1, /did you mean "bars"\?/],
      [
        ["train", ...begin, "--attack.objective=loss"],
        1,
        /the objective "loss" is unknown: known are "squared-error"/,
      ],
      [
        ["train", ...begin, "--train.augmentation=flip"],
        1,
        /the augmentation "flip" is unknown: known are "none"/,
      ],
      [["train", ...begin, "--train.batchSize=64"], 1, /batch/],
      [["train", ...begin, "--train.accumulate=3"], 1, /train\.accumulate must divide/],
      [["train", ...begin, "--generator.size=15x16"], 1, /multiples of 2 .*\[15, 16\]/],
      [["train", ...begin, "--perceptual.weights=none"], 1, /perceptual network's weights .*exist/],
      [
        ["train", ...begin, `--perceptual.weights=${path("nan.safetensors")}`],
        1,
        /nan\.safetensors as "features\.0\.weight" is missing/,
      ],
      [
        ["train", "bars", "--plugin", path("none.ts")],
        1,
        /Cannot find the plugin .*: set its location with --plugin/,
      ],
      [["train", "bars", "--plugin", path("broken.ts")], 1, /Cannot load the plugin/],
      [["train", "bars", "--plugin", path("empty.ts")], 1, /its apiVersion must be 1/],
      [evaluate("shape"), 1, /"last\.weight" must be \[2, 32\]: current shape is \[2, 33\]/],
      [evaluate("missing"), 1, /"last\.bias" is missing/],
      [evaluate("nan"), 1, /"last\.bias"/],
      [evaluate("text"), 1, /text\.safetensors/],
      [evaluate("absent"), 1, /Cannot read the target's weights .*it does not exist/],
    ];
    const places = ["--runs", runs, "--cache", path("cache")];
    for (const [args, expected, reason] of cases) {
      const { code, out, error } = await runHere([...args, ...places]);
      const what = args.slice(0, 2).join(" ") + " " + args.slice(-1);
      const line = error.trimEnd();
      assert.match(error, /^error: Cannot [^\n]*\n$/, `${what}: the error stands alone`);
      assert.doesNotMatch(error, /train the target/, `${what} is told of before training`);
      assert.match(line, reason, what);
      assert.doesNotMatch(error, /^\s+at /m, what);
      assert.deepEqual([code, out], [expected, ""], what);
    }
    const left = (await filesIn(runs)).filter((name) => /\.partial$|^[^/]*\/train-/.test(name));
    assert.deepEqual(left, []);
  }));

Deno.test("a second process is told who works on a run, and may read it", () =>
  withFolder(async (folder) => {
    const places = ["--runs", join(folder, "runs"), "--cache", join(folder, "cache")];
    const child = startRealign(["train", ...begin, "--train.epochs=500", ...places]);
    const ended = child.output();
    try {
      const hasMetrics = async () =>
        (await filesIn(join(folder, "runs"))).some((name) => name.endsWith("metrics.jsonl"));
      while (!await hasMetrics()) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const command of [["train", "--resume", "latest"], ["evaluate", "latest"]]) {
        const { code, error } = await runHere([...command, ...places]);
        assert.equal(code, 1);
        const line = new RegExp(
          `^error: Cannot use .* as process ${child.pid} is using it: [^\\n]*\\n$`,
          "m",
        );
        assert.match(error, line);
      }
      const { code, error } = await runHere(["report", "latest", "--runs", join(folder, "runs")]);
      assert.equal(code, 0, error);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  }));
