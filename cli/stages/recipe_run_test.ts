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

Deno.test("a rival is trained, resumed, measured, reported and used from the command line", async () => {
  const folder = await Deno.makeTempDir();
  const runs = ["--runs", join(folder, "runs")];
  const work = [...runs, "--cache", join(folder, "cache")];
  try {
    // The target first: what is missing is the rival's training.
    const settings = ["--recipe.name=ape-gan", "--recipe.width=4", "--train.epochs=1"];
    await realign("train-target", "cls-shapes", ...TINY, ...settings, "--steps", "1", ...work);
    await realign("train", "--resume", "latest", ...work);
    const told = await realign("evaluate", "latest", "--attacks", "pgd", ...work, "--json");
    const { systems, rows, published }: Evaluation = JSON.parse(told);
    assert.equal(systems.find(({ name }) => name === "generator")?.title, "APE-GAN");
    assert.equal(systems.find(({ name }) => name === "generator")?.gradient, "exact");
    assert.ok(rows.some((row) => row.system === "generator" && row.attack === "pgd"));
    // The paper's figures beside "generator" are those of G.
    assert.equal(published, undefined);
    const report = (await realign("report", "latest", ...runs)).trim();
    assert.match(await Deno.readTextFile(report), /defended by APE-GAN \(paper protocol\)/);
    const pixels = Uint8Array.from({ length: 12 * 10 * 3 }, (_, index) => index % 256);
    const picture = join(folder, "picture.png");
    await Deno.writeFile(picture, await encodePng({ height: 12, width: 10, pixels }));
    await realign("defend", "latest", picture, "--out", join(folder, "restored"), ...runs);
    await Deno.stat(join(folder, "restored", "picture.png"));
    const { code, error } = await runHere([
      "train",
      "--resume",
      "latest",
      "--recipe",
      "ape-gan",
      ...work,
    ]);
    assert.equal(code, 2, error);
    assert.match(error, /Cannot set recipe\.name as a resumed run keeps its settings/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
