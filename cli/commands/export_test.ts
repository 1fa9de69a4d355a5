import { checkOnnx } from "@realign/interop";
import * as tf from "@realign/core/tf";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere, TINY } from "../testing.ts";

await useTestBackend();
const ignore = tf.getBackend() !== "tensorflow";

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test({
  name: "export writes a run's parts, and nothing where it cannot",
  ignore,
  async fn(t) {
    const folder = await Deno.makeTempDir();
    const runs = ["--runs", join(folder, "runs")];
    const work = [...runs, "--cache", join(folder, "cache")];
    const realign = async (...args: string[]) => {
      const { code, out, error } = await runHere(args);
      assert.equal(code, 0, `${args.join(" ")}\n${error}`);
      return out;
    };
    const fail = async (code: number, message: RegExp, ...args: string[]) => {
      const result = await runHere(["export", ...args, ...runs]);
      assert.match(result.error.trimEnd().split("\n").at(-1)!, message);
      assert.equal(result.code, code, result.error);
    };
    const out = join(folder, "out");
    const onnx = ["--format", "onnx", "--out", out];
    try {
      await t.step("a run that is not trained is refused", async () => {
        await fail(2, /Cannot find the run "latest"/, "latest", ...onnx);
        await realign("train-target", "cls-shapes", ...TINY, "--steps", "1", ...work);
        await fail(1, /Cannot find the generator of .* has not finished/, "latest", ...onnx);
        assert.deepEqual(namesIn(folder), ["runs"]);
      });
      await realign("train", "--resume", "latest", ...work);

      await t.step("wrong words are answered with the right ones", async () => {
        await fail(2, /did you mean "onnx"\?/, "latest", "--format", "onx", "--out", out);
        await fail(2, /did you mean "system"\?/, "latest", ...onnx, "--what", "sytem");
        await fail(2, /It must be height and width/, "latest", ...onnx, "--size", "12");
        await fail(2, /exported with its own settings/, "latest", ...onnx, "--generator.width=8");
        await fail(
          1,
          /multiple|not a folder|Cannot/,
          "latest",
          "--format",
          "onnx",
          "--out",
          join(folder, "runs", namesIn(join(folder, "runs"))[0], "run.json"),
        );
        await fail(
          1,
          /needs the tensorflow backend: current/,
          "latest",
          ...onnx,
          "--backend",
          "wasm",
        );
      });

      await t.step("a system for TensorFlow.js is compared with the run's own", async () => {
        const told = await realign(
          ...["export", "latest", "--format", "tfjs", "--what", "system", "--out", out],
          ...[...runs, "--json"],
        );
        const { compared, warnings, written, batch } = JSON.parse(told);
        assert.equal(batch, undefined);
        assert.deepEqual(compared.batches, [2, 3]);
        assert.deepEqual(Object.keys(compared.differences), ["restored", "logits", "features"]);
        for (const value of Object.values(compared.differences)) assert.ok(value as number < 1e-4);
        assert.match(warnings[0], /nothing was measured against an attacker who knows/);
        assert.equal(written.length, 4);
        const names = ["README.md", "metadata.json", "model.json", "weights.bin"];
        assert.deepEqual(namesIn(out), names);
      });

      await t.step("files that are there stay, unless they are to be replaced", async () => {
        const card = join(out, "README.md");
        await Deno.writeTextFile(card, "mine");
        await fail(
          2,
          /metadata\.json is there: choose another --out, or add --replace$/,
          "latest",
          ...onnx,
        );
        assert.equal(await Deno.readTextFile(card), "mine");
        assert.ok(!namesIn(out).includes("model.onnx"));
        const told = await realign("export", "latest", ...onnx, "--replace", ...runs);
        assert.match(told, /in batches of 2 and 3: the greatest differences are restored \d/);
        assert.match(await Deno.readTextFile(card), /^---\nlicense: other\n/);
      });

      await t.step("what cannot be written whole is not written at all", async () => {
        const broken = join(folder, "broken");
        await Deno.mkdir(join(broken, "metadata.json", "full"), { recursive: true });
        const args = ["--format", "onnx", "--out", broken, "--replace"];
        await fail(1, /Cannot write .*metadata\.json/, "latest", ...args);
        assert.deepEqual(namesIn(broken), ["metadata.json"]);
      });

      await t.step("an evaluated run says its figures, in the file too", async () => {
        await realign("evaluate", "latest", "--attacks", "pgd", ...work);
        const told = await realign(
          ...[
            "export",
            "latest",
            ...onnx,
            "--replace",
            "--layout",
            "nchw",
            "--batch",
            "2",
            ...runs,
          ],
          "--json",
        );
        const { batch, compared } = JSON.parse(told);
        assert.equal(batch, 2);
        assert.deepEqual(compared.batches, [2]);
        assert.deepEqual(Object.keys(compared.differences), ["restored"]);
        assert.ok(compared.differences.restored < 1e-4);
        const metadata = JSON.parse(await Deno.readTextFile(join(out, "metadata.json")));
        assert.equal(metadata.preset, "cls-shapes");
        assert.equal(metadata.layout, "nchw");
        assert.equal(metadata.figures[0].threatModel, "none");
        assert.ok(metadata.figures.some(({ attack }: { attack: string }) => attack === "pgd"));
        const model = checkOnnx(await Deno.readFile(join(out, "model.onnx")));
        const own = Object.fromEntries(model.metadata!.map(({ key, value }) => [key, value]));
        assert.equal(own.run, metadata.run);
        assert.deepEqual(JSON.parse(own.figures), metadata.figures);
        const dims = model.graph?.inputs?.[0].type?.tensor?.shape?.dims;
        assert.deepEqual(dims?.slice(0, 2).map(({ size }) => size), [2, 3]);
        const card = await Deno.readTextFile(join(out, "README.md"));
        assert.match(card, /\| oblivious \| PGD \| accuracy \| \d+\.\d \| \d+\.\d \| 8 \|/);
      });

      await t.step("a target leaves for TensorFlow without its defense", async () => {
        const saved = join(folder, "saved");
        const args = ["--format", "tensorflow", "--what", "target", "--out", saved, ...runs];
        const { compared } = JSON.parse(await realign("export", "latest", ...args, "--json"));
        assert.deepEqual(Object.keys(compared.differences), ["logits", "features"]);
        assert.deepEqual(namesIn(saved), ["README.md", "metadata.json", "saved_model.pb"]);
      });

      await t.step("a system leaves for PyTorch, and says whether it was run", async () => {
        const module = join(folder, "module");
        const args = ["--format", "torch", "--what", "system", "--out", module, ...runs];
        const { compared, notRun } = JSON.parse(
          await realign("export", "latest", ...args, "--json"),
        );
        if (compared) {
          assert.deepEqual(Object.keys(compared.differences), ["restored", "logits", "features"]);
        } else {
          assert.match(notRun, /python3/);
        }
        const card = await Deno.readTextFile(join(module, "README.md"));
        assert.match(
          card,
          compared ? /Read back and run on test images/ : /not run or compared, as /,
        );
        const names = [
          "README.md",
          "metadata.json",
          "realign_model.py",
          "realign_model.safetensors",
        ];
        assert.deepEqual(namesIn(module), names);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
