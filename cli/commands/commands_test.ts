import { createPerceptual, createRandom, formatSafetensors } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { Output } from "../terminal/output.ts";
import { openPerceptual } from "../stages/perceptual.ts";
import { runRealign, samplePreset, succeed, TINY } from "../testing.ts";
import { withFolder } from "../testing_folder.ts";

/** Runs a command that must fail with one line. */
async function fail(cwd: string, code: number, message: RegExp, ...args: string[]): Promise<void> {
  const result = await runRealign(args, { cwd });
  const line = result.error.trimEnd().split("\n").at(-1)!;
  assert.match(line, message, result.error);
  assert.match(line, /^error: Cannot /);
  assert.equal(result.code, code, line);
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("attack begins a run of a preset with settings, and goes on with a run without", async () => {
  await withFolder(async (cwd) => {
    const preset = ["attack", "cls-shapes", ...TINY, "--target-steps", "1"].slice(0, -2);
    const none = ["--train.attackCache=0", "--target.train.epochs=1"];
    await fail(cwd, 2, /add --train\.attackCache=1$/, ...preset, ...none);
    assert.deepEqual(namesIn(join(cwd, "runs")), []);
    for (const steps of [1, 2]) {
      await succeed([...preset, "--target.train.epochs=1", `--attack.steps=${steps}`], { cwd });
    }
    const runs = namesIn(join(cwd, "runs"));
    assert.equal(runs.length, 2);
    assert.equal(namesIn(join(cwd, ".cache", "attacks")).length, 2);
    await succeed(["attack", runs[0]], { cwd });
    await fail(cwd, 2, /a resumed run keeps its settings/, "attack", runs[0], "--attack.steps=3");
    await fail(cwd, 2, /Cannot .* steps /, "attack", runs[0], "--steps", "3");
    assert.deepEqual(namesIn(join(cwd, "runs")), runs);
  });
});

Deno.test("a run keeps its copy of O, and is found by a link and from elsewhere", async () => {
  await withFolder(async (cwd) => {
    const first = await succeed(
      ["train-target", "cls-shapes", ...TINY, "--steps", "1", "--json", "--runs", "first"],
      { cwd },
    );
    const { folder } = JSON.parse(first) as { folder: string };
    const file = join(cwd, "o.safetensors");
    await Deno.copyFile(join(cwd, folder, "checkpoints", "train-target-final.safetensors"), file);
    const weights = ["--target-weights", file];
    await succeed(["train", "cls-shapes", ...TINY, "--steps", "1", ...weights], { cwd });
    await Deno.remove(file);
    const clean = ["evaluate", "latest", "--attacks", "none"];
    await succeed(clean, { cwd });
    const [id] = namesIn(join(cwd, "runs"));
    await Deno.mkdir(join(cwd, "links"));
    await Deno.symlink(join(cwd, "runs", id), join(cwd, "links", id), { type: "dir" });
    await succeed(["report", "latest", "--runs", "links"], { cwd });
    const again = await succeed(["train", "--resume", "latest", "--runs", "links"], { cwd });
    assert.ok(again.includes(`next: realign evaluate ${join(cwd, "links", id)}`), again);

    await Deno.remove(join(cwd, "runs", id, "checkpoints", "train-target-final.safetensors"));
    await fail(cwd, 1, /target's weights .*o\.safetensors: it does not exist$/, ...clean);

    const one = join(cwd, "one.png");
    await Deno.writeFile(one, await encodePng({ height: 1, width: 1, pixels: new Uint8Array(3) }));
    const defend = ["defend", "latest", one];
    await fail(cwd, 2, /one\.png would be overwritten/, ...defend, "--out", cwd);
    const linked = join(cwd, "links");
    await fail(
      cwd,
      1,
      /Cannot find images in .*links/,
      "defend",
      "latest",
      linked,
      "--out",
      "none",
    );
    assert.ok(!namesIn(cwd).includes("none"));
    await succeed([...defend, "--full-size", "--out", "out"], { cwd });
    assert.deepEqual(namesIn(join(cwd, "out")), ["one.png"]);

    const alone = ["evaluate", "--preset", "cls-shapes", "--target-weights", one];
    await fail(
      cwd,
      2,
      /"pgd-20" as it only targets generator, .* evaluate a run$/,
      ...alone,
      "--attacks",
      "pgd-20",
    );
  });
});

Deno.test("openPerceptual takes files of the whole VGG-16, and says what width they are of", async () => {
  await useTestBackend();
  const weights = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    using network = createPerceptual(samplePreset.perceptual, createRandom(1));
    const tensors = new Map([
      ...await network.parameters.export(),
      ["classifier.0.weight", { shape: [2], data: new Float32Array(2) }],
    ]);
    await Deno.writeFile(weights, formatSafetensors(tensors, {}));
    const open = async (width: number) => {
      const perceptual = { ...samplePreset.perceptual, weights, width };
      (await openPerceptual({ ...samplePreset, perceptual }, new Output(false)))[Symbol.dispose]();
    };
    await open(samplePreset.perceptual.width);
    await assert.rejects(open(8), /published weights need --perceptual\.width=64$/);
  } finally {
    await Deno.remove(weights);
  }
});
