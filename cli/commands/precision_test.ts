import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign, succeed, TINY } from "../testing.ts";

Deno.test("--precision is a setting of a run: kept, never changed, and told apart by the cache of images", async () => {
  const cwd = await Deno.makeTempDir();
  const namesIn = (folder: string) =>
    [...Deno.readDirSync(join(cwd, folder))].map(({ name }) => name).sort();
  const begin = ["attack", "cls-shapes", ...TINY, "--target.train.epochs=1", "--attack.steps=1"];
  try {
    await succeed([...begin, "--precision", "bfloat16"], { cwd });
    const [id] = namesIn("runs");
    const { preset } = JSON.parse(await Deno.readTextFile(join(cwd, "runs", id, "run.json")));
    assert.equal(preset.precision, "bfloat16");
    const { code, error } = await runRealign(
      ["train", "--resume", id, "--precision", "float32"],
      { cwd },
    );
    assert.equal(code, 2);
    assert.match(error, /Cannot set precision as a resumed run keeps its settings/);
    const caches = namesIn(join(".cache", "attacks"));
    assert.equal(caches.length, 1);
    // The same O, attacked in the other precision, and in the same one once more.
    await succeed([...begin, "--target", id], { cwd });
    assert.equal(namesIn(join(".cache", "attacks")).length, 2);
    await succeed([...begin, "--target", id, "--precision", "bfloat16"], { cwd });
    assert.equal(namesIn(join(".cache", "attacks")).length, 2);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
