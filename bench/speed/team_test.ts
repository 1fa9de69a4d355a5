/**
 * Both sides on one small problem. `REALIGN_PYTHON` (default python3) names a Python that has PyTorch,
 * foolbox and torchattacks; without one the check is skipped, and its name says so.
 */
import { presets } from "@realign/classification";
import type { Preset } from "@realign/core";
import assert from "node:assert/strict";
import { compareRobustness, compareTerms, type Robustness, type Terms } from "./agreement.ts";
import type { NetworkSettings } from "./ours/network.ts";
import { memory } from "./benches/memory.ts";
import { agree } from "./benches/networks.ts";
import { changed } from "./benches/scaling.ts";
import { at256 } from "./benches/step.ts";
import { hasPeers } from "./peers.ts";
import { type BenchContext, Team } from "./team.ts";

const small = presets["cls-shapes"];
const preset: Preset = {
  ...small,
  target: { ...small.target, train: { ...small.target.train, batchSize: 16 } },
  generator: { ...small.generator, width: 8, blocks: 1 },
  discriminator: { ...small.discriminator, width: 4 },
  perceptual: { ...small.perceptual, width: 4 },
  // More pictures than classes, so that no class term is 0.
  train: { ...small.train, batchSize: 10 },
};
const attack = {
  name: "pgd",
  objective: "cross-entropy",
  epsilon: 0.004,
  stepSize: 0.001,
  steps: 5,
  randomStart: "none",
} as const;

const context = (folder: string): BenchContext => ({
  preset,
  quick: true,
  // On one, PyTorch does not suffer from whatever else the machine does.
  threads: 1,
  python: Deno.env.get("REALIGN_PYTHON") ?? "python3",
  folder,
  notify: () => {},
});

const available = await hasPeers();
const title = "both sides of a bench compute the same";

Deno.test({
  name: available ? title : `${title} (skipped: no PyTorch with foolbox; set REALIGN_PYTHON)`,
  ignore: !available,
  async fn(t) {
    const folder = await Deno.makeTempDir();
    try {
      const options = { preset, pool: 16, targetSteps: 2, modes: ["eager"] } as const;
      await using team = await Team.open(context(folder), options);
      const torch = team.peers.get("eager")!;
      for (const once of [false, true]) {
        const name = `losses of three steps, ${once ? "nothing twice" : "the same work"}`;
        await t.step(name, async () => {
          await team.reset();
          const request = { do: "terms", steps: 3, once };
          const ours = await team.ours.ask<Terms[]>(request);
          assert.equal(Object.keys(ours[0]).length, 11);
          assert.ok(ours[0].classIntra > 0);
          compareTerms("torch", ours, await torch.ask<Terms[]>(request));
        });
      }
      await t.step("accuracy under PGD", async () => {
        await team.reset();
        const ours = await team.ours.ask<Robustness>({ do: "robustness", attack });
        for (const kind of ["foolbox", "torchattacks", "by hand"]) {
          const theirs = await torch.ask<Robustness>({ do: "robustness", kind, attack });
          compareRobustness(kind, ours, theirs, { tolerance: 0.07, epsilon: attack.epsilon });
        }
      });
      await t.step("every work runs on both sides, and memory is told", async () => {
        for (const work of ["target", "perturb", "restore", "algorithm"]) {
          const settings = { perturb: { attack }, algorithm: { epochs: 1 } };
          const contenders = await team.prepareAll(work, settings[work as keyof typeof settings]);
          assert.deepEqual(team.failed, {});
          for (const { run } of contenders) assert.equal((await run(2)).length, 2);
        }
        for (const side of [team.ours, torch]) {
          const peak = await side.peakMemory();
          assert.ok(Deno.build.os !== "linux" || peak! > 50, `${peak} MiB`);
        }
      });
      await t.step("the memory of every side is measured", async () => {
        const { groups, failed } = await memory.run(context(folder));
        assert.deepEqual(failed, {});
        for (const { sides } of groups) assert.equal(Object.keys(sides).length, 3);
      });
      await t.step("a failure is told with its side's name", async () => {
        await assert.rejects(
          torch.ask({ do: "prepare", name: "x", work: "dance" }),
          /Cannot measure as torch eager failed to prepare: AttributeError/,
        );
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: available
    ? "both sides compute the same in the step at 256x256, at a quarter of its size"
    : "both sides compute the same in the step at 256x256 (skipped: no PyTorch; set REALIGN_PYTHON)",
  ignore: !available,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const large = changed(at256(preset), "image size", 64);
      const reduced: Preset = {
        ...large,
        generator: { ...large.generator, width: 4, blocks: 2 },
        discriminator: { ...large.discriminator, width: 4 },
        perceptual: { ...large.perceptual, width: 4 },
      };
      await using team = await Team.open(context(folder), { preset: reduced, modes: ["eager"] });
      const request = { do: "terms", steps: 2 };
      const ours = await team.ours.ask<Terms[]>(request);
      compareTerms("torch", ours, await team.peers.get("eager")!.ask<Terms[]>(request));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

const networks: readonly NetworkSettings[] = [
  {
    task: "segmentation",
    architecture: "pspnet-resnet18-w0.25",
    classes: 9,
    size: 65,
    batchSize: 2,
  },
  { task: "segmentation", architecture: "deeplabv3-resnet50", classes: 9, size: 33, batchSize: 2 },
  { task: "detection", architecture: "ssd300-vgg16", classes: 8, size: 300, batchSize: 1 },
];

for (const network of networks) {
  const title = `both sides compute the same with ${network.architecture}`;
  Deno.test({
    name: available ? title : `${title} (skipped: no PyTorch with torchvision; set REALIGN_PYTHON)`,
    ignore: !available,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await using team = await Team.openNetwork(context(folder), network, { modes: ["eager"] });
        const { "torch eager": differences } = await agree({ folder }, team);
        const outputs = network.task === "detection" ? ["offsets"] : [];
        assert.deepEqual(
          Object.keys(differences).sort(),
          ["gradient", "logits", "loss", ...outputs],
        );
        const works: Record<string, object> = network.task === "detection"
          ? { gradient: {}, boxes: { which: "few" } }
          : { gradient: {} };
        for (const [work, settings] of Object.entries(works)) {
          const contenders = await team.prepareAll(work, settings);
          assert.deepEqual(team.failed, {});
          for (const { run } of contenders) assert.equal((await run(1)).length, 1);
        }
        if (network.task === "segmentation") return;
        for (const which of ["few", "many"]) await agree({ folder }, team, { which });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
