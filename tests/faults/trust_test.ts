/**
 * Folders of runs that come from somebody else: nothing that they name is run.
 */
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runHere } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { begin, copyFolder, filesIn } from "./small_run.ts";

const SHORT = ["--train.epochs=1", "--attack-cache", "1", "--cache", "off"];

/** A plugin that leaves a mark where it has run. */
const marking = (mark: string, more = "") => `
Deno.writeTextFileSync(${JSON.stringify(mark)}, "it ran");
export { default } from ${JSON.stringify(pathToFileURL(begin[2]).href)};
${more}`;

Deno.test("what a run names is run only where this user has named it", (t) =>
  withFolder(async (folder) => {
    const [runs, mark] = [join(folder, "runs"), join(folder, "mark")];
    const mine = join(folder, "my plugin's.ts");
    await Deno.writeTextFile(mine, marking(mark));
    const trained = await runHere([
      ...["train", "bars", "--plugin", mine, ...begin.slice(3), ...SHORT],
      ...["--runs", runs, "--json"],
    ]);
    assert.equal(trained.code, 0, trained.error);
    const { run: id } = JSON.parse(trained.out) as { run: string };
    const path = join(runs, id, "run.json");
    const original = await Deno.readTextFile(path);
    const quick = ["--attacks", "none", "--examples", "2", "--cache", "off", "--runs", runs];
    /** Whether a plugin has run; what is told without it is one line. */
    const hasRun = async () => await Deno.remove(mark).then(() => true, () => false);
    const openings = [
      ["evaluate", id, ...quick],
      ["train", "--resume", id, "--runs", runs],
      ["attack", id, "--runs", runs],
    ];
    const assertRefused = async (reason: RegExp) => {
      await hasRun();
      for (const args of openings) {
        const { code, out, error } = await runHere(args);
        assert.equal(code, 1, error);
        assert.equal(out, "");
        assert.match(error, /^error: Cannot [^\n]*\n$/);
        assert.match(error, reason);
        assert.ok(!await hasRun(), `${args[0]} ran it`);
      }
    };
    const name = async (plugin: string) =>
      await Deno.writeTextFile(path, JSON.stringify({ ...JSON.parse(original), plugin }));

    await t.step("one that was named when the run was begun runs again", async () => {
      const { code, error } = await runHere(openings[0]);
      assert.equal(code, 0, error);
    });

    await t.step("code in a URL never runs", async () => {
      for (const source of [marking(mark), marking(mark, "// another")]) {
        await name(`data:text/typescript,${encodeURIComponent(source)}`);
        await assertRefused(/must be a file on this machine, jsr: or npm:/);
      }
      await name("https://127.0.0.1:9/mod.ts");
      await assertRefused(/must be a file on this machine, jsr: or npm:/);
    });

    await t.step("a file or package that nobody named does not run", async () => {
      const foreign = join(runs, id, "mod.ts");
      await Deno.writeTextFile(foreign, marking(mark));
      await name(pathToFileURL(foreign).href);
      await assertRefused(
        /would run the code of the plugin ".*mod\.ts".*: if you trust .*--plugin/,
      );
      await name(foreign);
      await assertRefused(/never named on this machine/);
      await name("npm:realign-no-such-package@1.0.0");
      await assertRefused(/never named .* add --plugin npm:realign-no-such-package@1\.0\.0$/m);
      await name("jsr:@acme/no-such-package");
      await assertRefused(/nothing tells whether its code is what it was/);
    });

    await t.step("one that has changed is asked for again, once", async () => {
      await Deno.writeTextFile(path, original);
      await Deno.writeTextFile(mine, marking(mark, "// changed"));
      await assertRefused(/has changed since it was last named/);
      const told = (await runHere(openings[0])).error;
      const typed = /--plugin '(.*)'$/m.exec(told)![1].replaceAll(`'\\''`, "'");
      assert.equal(typed, mine);
      const named = await runHere([...openings[0], "--plugin", typed]);
      assert.equal(named.code, 0, named.error);
      const after = await runHere(openings[0]);
      assert.equal(after.code, 0, after.error);
    });

    await t.step(
      "a copied run that names the same file runs, one without it does not",
      async () => {
        const others = join(folder, "others");
        await copyFolder(runs, others);
        const copied = await runHere(["evaluate", id, ...quick.slice(0, -1), others]);
        assert.equal(copied.code, 0, copied.error);
      },
    );

    await t.step("report and defend run no plugin at all", async () => {
      await name(`data:text/typescript,${encodeURIComponent(marking(mark))}`);
      await hasRun();
      const picture = join(folder, "a.png");
      const pixels = new Uint8Array(16 * 16 * 3).fill(99);
      await Deno.writeFile(picture, await encodePng({ height: 16, width: 16, pixels }));
      const report = await runHere(["report", id, "--runs", runs]);
      assert.equal(report.code, 0, report.error);
      const out = join(folder, "restored");
      const defended = await runHere(["defend", id, picture, "--out", out, "--runs", runs]);
      assert.equal(defended.code, 0, defended.error);
      assert.deepEqual(await filesIn(out), ["a.png"]);
      assert.ok(!await hasRun());
    });
  }));

Deno.test("--plugin itself takes no code out of a URL", async () => {
  const plugin = "data:text/javascript,export default 1";
  for (const command of [["presets"], ["train", "bars"], ["attacks"]]) {
    const { code, error } = await runHere([...command, "--plugin", plugin]);
    assert.equal(code, 1);
    assert.match(error, /^error: Cannot take "data:[^\n]*\n$/);
  }
});
