import type { Evaluation } from "@realign/core";
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere, TINY } from "../testing.ts";

/** Runs a command that must succeed, in this process. */
async function realign(...args: string[]): Promise<string> {
  const { code, out, error } = await runHere(args);
  assert.equal(code, 0, `${args.join(" ")}\n${error}`);
  return out;
}

Deno.test("a rival that restores by a search is trained, attacked through it and used from the command line", async () => {
  const folder = await Deno.makeTempDir();
  const runs = ["--runs", join(folder, "runs")];
  const work = [...runs, "--cache", join(folder, "cache")];
  const recipe = ["width=2", "inner=8", "restarts=2", "steps=2"].map((one) => `--recipe.${one}`);
  try {
    await realign("train", "cls-shapes", ...TINY, "--steps", "1", ...work, ...[
      "--recipe",
      "defense-gan",
      ...recipe,
    ]);
    const steps = "--evaluation.threatModels.whitebox.attacks.pgd-20.steps=1";
    const told = await realign(
      "evaluate",
      "latest",
      "--attacks",
      "pgd-20",
      steps,
      ...work,
      "--json",
    );
    const { systems: measured, rows }: Evaluation = JSON.parse(told);
    const system = measured.find(({ name }) => name === "generator")!;
    assert.deepEqual([system.title, system.gradient], ["Defense-GAN", "none"]);
    const errors = rows.filter(({ attack }) => attack === "clean")
      .map(({ system, reconstructionError }) => [system, reconstructionError] as const);
    const error = Object.fromEntries(errors);
    assert.deepEqual([error.none, error.identity], [undefined, 0]);
    assert.ok(error.jpeg! > 0 && error.jpeg! < 0.1, `${error.jpeg}`);
    // A generator of one step makes no image of the data set.
    assert.ok(error.generator! > 0.1 && error.generator! < 1, `${error.generator}`);
    const row = rows.find(({ attack, system }) => attack === "pgd-20" && system === "generator")!;
    assert.equal(row.gradient, "bpda-identity");
    assert.ok(row.draws! >= 20 && row.passes! > 1);
    const own = "--evaluation.threatModels.whitebox.attacks.pgd-20";
    const latent = [".name=latent", ".steps=2", ".binarySearchSteps=1"].map((one) => own + one);
    const searched = await realign(
      ...["evaluate", "latest", "--attacks", "latent", ...latent, ...work, "--json"],
    );
    const found = (JSON.parse(searched) as Evaluation).rows.find(({ attack, threatModel }) =>
      attack === "latent" && threatModel === "whitebox"
    )!;
    assert.equal(found.system, "generator");
    assert.ok(found.maxPerturbation > 0 && found.maxPerturbation <= 0.031 + 1e-6);
    const systems = "--evaluation.threatModels.whitebox.systems=jpeg";
    const { code, error: refused } = await runHere(
      ["evaluate", "latest", "--attacks", "latent", ...latent, systems, ...work],
    );
    assert.equal(code, 1);
    assert.match(refused, /Cannot attack ".* behind jpeg" with "latent" as it has no defense that/);
    const pixels = Uint8Array.from({ length: 12 * 10 * 3 }, (_, index) => index % 256);
    const picture = join(folder, "picture.png");
    await Deno.writeFile(picture, await encodePng({ height: 12, width: 10, pixels }));
    await realign("defend", "latest", picture, "--out", join(folder, "restored"), ...runs);
    await Deno.stat(join(folder, "restored", "picture.png"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
