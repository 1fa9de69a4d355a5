import type { Evaluation } from "@realign/core";
import { decodePicture, encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign, succeed, TINY } from "../testing.ts";

Deno.test("evaluate measures chains of defenses that no preset has, and defend restores by them", async () => {
  const cwd = await Deno.makeTempDir();
  const realign = (...args: string[]) => succeed(args, { cwd });
  const picture = { height: 20, width: 12, pixels: new Uint8Array(720).map((_, at) => at % 251) };
  try {
    await Deno.writeFile(join(cwd, "one.png"), await encodePng(picture));
    await realign(
      ...["train", "cls-shapes", ...TINY, "--evaluation.batchSize=8"],
      ...["--target-steps=1", "--steps=1"],
    );
    const unknown = ["defend", "latest", "one.png", "--out", "out", "--system", "quiltng"];
    const { code, error } = await runRealign(unknown, { cwd });
    assert.equal(code, 2);
    assert.match(error, /did you mean "quilting"/);

    const systems = ["quilting", "feature-distillation+quilting"];
    const option = `--evaluation.systems.${systems[1]}.defenses.1.patches=200`;
    const { systems: measured, rows } = JSON.parse(
      await realign(
        ...["evaluate", "latest", "--attacks", "none", "--json", "--systems", systems.join()],
        ...[option, "--evaluation.systems.quilting.defenses.0.patches=200"],
      ),
    ) as Evaluation;
    assert.deepEqual(rows.map(({ system }) => system), ["none", ...systems]);
    assert.deepEqual(measured[1].defenses, [
      { name: "quilting", patch: 5, overlap: 2, neighbours: 1, patches: 200 },
    ]);
    assert.deepEqual(measured.map(({ role }) => role), ["undefended", "other", "other"]);

    // With the options that were measured, at the picture's own size.
    await realign("defend", "latest", "one.png", "--out", "out", "--system", systems[1]);
    const restored = await decodePicture(join(cwd, "out", "one.png"));
    assert.deepEqual([restored.height, restored.width], [20, 12]);
    assert.notDeepEqual(restored.pixels, picture.pixels);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
