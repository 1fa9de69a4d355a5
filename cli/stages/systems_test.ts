import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { succeed } from "../testing.ts";

/** The classification of shapes with one row more: another O, its weights in a file. */
const plugin = `
import classification, { presets } from "@realign/classification";
const { evaluation, ...shapes } = presets["cls-shapes"];
const { pgd } = evaluation.threatModels.oblivious.attacks;
const shaken = { defenses: [{ name: "random-resize-pad", smallest: 0.8 }] };
const robust = { defenses: [], target: { weights: "robust.safetensors" } };
const two = {
  ...shapes,
  name: "two",
  evaluation: {
    ...evaluation,
    examples: 16,
    batchSize: 8,
    systems: { generator: evaluation.systems.generator, shaken, robust },
    threatModels: {
      oblivious: { attacks: { pgd } },
      whitebox: { attacks: { pgd }, systems: ["generator", "robust"] },
    },
  },
};
export default { ...classification, presets: { two } };
`;

const small = [
  "--plugin",
  "./plugin.ts",
  "--dataset.trainExamples=64",
  "--target.train.batchSize=16",
  "--train.batchSize=8",
  "--generator.width=4",
  "--generator.blocks=1",
];

Deno.test("another O is one more row: attacked for itself, with its weights from a file", async (t) => {
  const cwd = await Deno.makeTempDir();
  const realign = (...args: string[]) => succeed(args, { cwd });
  const evaluate = async (...args: string[]): Promise<Evaluation> =>
    JSON.parse(await realign("evaluate", ...args, "--json"));
  try {
    await Deno.writeTextFile(join(cwd, "plugin.ts"), plugin);
    const other = JSON.parse(
      await realign("train-target", "two", ...small, "--steps=12", "--seed=2", "--json"),
    ) as { run: string };
    const weights = join(cwd, "robust.safetensors");
    await Deno.copyFile(
      join(cwd, "runs", other.run, "checkpoints", "train-target-final.safetensors"),
      weights,
    );
    await realign("train", "two", ...small, "--target-steps=8", "--steps=4");
    const { systems, rows, target } = await evaluate("latest");
    const outcomes = (threatModel: string, attack: string, system: string) =>
      rows.find((row) =>
        row.threatModel === threatModel && row.attack === attack && row.system === system
      )!.outcomes;

    await t.step("every system is measured, and whom a threat model names is attacked", () => {
      assert.deepEqual(systems.map(({ name, title, role }) => [name, title, role]), [
        ["none", "None (O alone)", "undefended"],
        ["generator", "Generator G", "subject"],
        ["shaken", "Random resizing and padding", "other"],
        ["robust", "O' (wrn-10-1)", "other"],
      ]);
      const cells = rows.map(({ threatModel, attack, system }) =>
        `${threatModel} ${attack} ${system}`
      );
      assert.deepEqual(
        cells.filter((cell) => cell.startsWith("oblivious pgd")).map((cell) => cell.split(" ")[2]),
        ["none", "generator", "shaken", "robust"],
      );
      assert.deepEqual(
        cells.filter((cell) => cell.startsWith("whitebox pgd")),
        ["whitebox pgd generator", "whitebox pgd robust"],
      );
      assert.notEqual(systems[3].target!.digest, target.digest);
      assert.deepEqual(systems[2].defenses, [
        { name: "random-resize-pad", smallest: 0.8, perImage: true, mode: "inside" },
      ]);
    });

    await t.step("who knows all of an O without a defense knows no more than who knows O", () => {
      assert.equal(outcomes("whitebox", "pgd", "robust"), outcomes("oblivious", "pgd", "robust"));
      assert.notEqual(outcomes("none", "clean", "robust"), outcomes("none", "clean", "none"));
    });

    await t.step("it scores what it scores as the O of an evaluation of its own", async () => {
      const preset = ["--preset", "two", "--plugin", "./plugin.ts", "--target-weights", weights];
      const alone = await evaluate(...preset);
      assert.equal(alone.target.digest, systems[3].target!.digest);
      assert.deepEqual(alone.systems.map(({ name }) => name), ["none"]);
      assert.deepEqual(
        alone.rows.map(({ attack, outcomes }) => [attack, outcomes]),
        ["clean", "pgd", "worst case"].map((attack) => [
          attack,
          outcomes(attack === "clean" ? "none" : "oblivious", attack, "robust"),
        ]),
      );
    });

    await t.step("its images are normalised as it says, as those of an O of its own", async () => {
      const [mean, std] = ["0.6,0.3,0.2", "0.2,0.4,0.3"];
      const own = "--evaluation.systems.robust.target.normalization";
      const beside = await evaluate(
        ...["latest", "--systems", "robust", "--attacks", "none"],
        ...[`${own}.mean=${mean}`, `${own}.deviation=${std}`],
      );
      const alone = await evaluate(
        ...["--preset", "two", "--plugin", "./plugin.ts", "--target-weights", weights],
        ...["--attacks", "none", "--mean", mean, "--std", std],
      );
      const [o, other] = beside.rows;
      assert.equal(o.outcomes, outcomes("none", "clean", "none"));
      assert.equal(other.outcomes, alone.rows[0].outcomes);
      assert.equal(beside.systems[1].target!.digest, alone.target.digest);
      assert.notEqual(alone.target.digest, systems[3].target!.digest);
    });

    await t.step(
      "--systems chooses rows, and a random defense is attacked by EOT and measured by passes",
      async () => {
        const few = await evaluate("latest", "--systems", "shaken", "--attacks", "none");
        assert.deepEqual(few.rows.map(({ system }) => system), ["none", "shaken"]);
        const random = "--evaluation.threatModels.whitebox.systems=shaken";
        const through = await evaluate(
          ...["latest", random, "--systems", "shaken", "--evaluation.passes=3"],
          "--evaluation.threatModels.whitebox.draws=2",
        );
        const row = through.rows.find(({ threatModel }) => threatModel === "whitebox")!;
        assert.ok(row.system === "shaken" && row.maxPerturbation > 0.03);
        assert.deepEqual([row.gradient, row.draws, row.passes], ["exact", 2, 3]);
        assert.ok(Math.abs(row.convergence!) <= 1 && row.rightInAll! <= row.metric.value);
      },
    );

    await t.step("a report names it", async () => {
      const page = await Deno.readTextFile(
        join(cwd, (await realign("report", "latest")).trim()),
      );
      assert.match(page, /<th scope="row">O' \(wrn-10-1\)<\/th>/);
      assert.match(page, /restored by Generator G/);
    });
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
