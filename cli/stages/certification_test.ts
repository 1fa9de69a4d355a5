import type { AnySystems, AnyTask } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseCertification } from "../runs/certificate_file.ts";
import { runRealign, succeed, TINY } from "../testing.ts";
import { assertCertifiable } from "./certification.ts";
import type { Workbench } from "./workbench.ts";

Deno.test("a run is certified image by image, resumes to the same certificates, and reports them", async (t) => {
  const cwd = await Deno.makeTempDir();
  try {
    const steps = ["--steps", "2", "--target-steps", "4"];
    const trained = await succeed(
      ["train", "cls-shapes-certified", ...TINY, ...steps, "--json"],
      { cwd },
    );
    const { folder } = JSON.parse(trained) as { folder: string };
    const file = join(cwd, folder, "certificate.json");
    const read = () => parseCertification(JSON.parse(Deno.readTextFileSync(file)), file);
    const few = ["certify", "latest", "--draws", "30", "--selection-draws", "7"];
    const printed = await succeed([...few, "--examples", "3", "--json"], { cwd });
    const first = read();

    await t.step("it prints what it keeps, of O alone and behind G", () => {
      assert.deepEqual(JSON.parse(printed), JSON.parse(Deno.readTextFileSync(file)));
      assert.deepEqual(first.systems.map(({ name }) => name), ["none", "generator"]);
      assert.equal(first.settings.sigma, 0.25);
      assert.equal(first.examples.length, 3);
      assert.equal(new Set(first.examples.map(({ index }) => index)).size, 3);
      for (const { certificates } of first.examples) {
        for (const { count, radius } of Object.values(certificates)) {
          assert.ok(count <= 30);
          // 30 of 30 draws bound the probability at 0.001^(1/30) = 0.794.
          assert.ok(radius === null || radius > 0 && radius < 0.25 * 0.822);
        }
      }
      const { shares, count } = first.results.none;
      assert.deepEqual(shares.map(({ radius }) => radius), [0, 0.25, 0.5, 0.75, 1]);
      assert.equal(count, 3);
      assert.equal(shares[1].value, 0, "no radius can be so large with so few draws");
    });

    await t.step(
      "what was stopped goes on to the same certificates, and more can be added",
      async () => {
        const [one, ...rest] = first.examples;
        await Deno.writeTextFile(file, JSON.stringify({ ...first, examples: [one] }));
        const asked = await succeed([...few, "--examples", "1", "--json"], { cwd });
        assert.equal(JSON.parse(asked).wanted, 1);
        const text = await succeed([...few, "--examples", "4"], { cwd });
        const { examples } = read();
        assert.deepEqual(examples.slice(0, 3), [one, ...rest]);
        assert.equal(examples.length, 4);
        assert.match(text, /^certified accuracy in percent by L2 radius/);
        assert.match(text, /^None \(O alone\) .*\n^Generator G /m);
        assert.match(text, /^4 images of the test split of shapes, drawn by seed\.$/m);
        assert.match(text, /confidence of 99\.9 %/);
        // All are there: nothing is drawn again.
        const again = await succeed([...few, "--examples", "2", "--json"], { cwd });
        assert.deepEqual(JSON.parse(again), JSON.parse(Deno.readTextFileSync(file)));
      },
    );

    await t.step("other settings lose nothing unless told to", async () => {
      const kept = Deno.readTextFileSync(file);
      const other = [...few, "--examples", "1", "--sigma", "0.5", "--systems", "none"];
      const { code, error } = await runRealign(other, { cwd });
      assert.equal(code, 2);
      assert.match(error, /error: Cannot certify .* made with other settings.*4 images.*--replace/);
      assert.match(error, /trained on noise of sigma 0\.25, and is certified with 0\.5/);
      assert.equal(Deno.readTextFileSync(file), kept);
      for (const wrong of [["--alpha", "2"], ["--sigma", "0"], ["--systems", "generater"]]) {
        const { code, error } = await runRealign([...few, ...wrong], { cwd });
        assert.equal(code, 2, error);
      }
    });

    await t.step("the report shows the curve, with draws and confidence in words", async () => {
      const path = (await succeed(["report", "latest"], { cwd })).trim();
      const page = await Deno.readTextFile(join(cwd, path));
      const [, section] = page.split("<h2>Certified radii</h2>");
      assert.match(section, /^[^]*7 draws choose the class, 30 others bound its probability/);
      assert.match(section, /^[^]*confidence of 99\.9 %[^]*<svg [^]*<td [^>]*radius 0\.25/i);
    });
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

Deno.test("assertCertifiable() refuses in one line a task without one class per image", () => {
  const task = { name: "segmentation", classCount: 3 } as unknown as AnyTask;
  const systems = { list: [] } as unknown as AnySystems;
  assert.throws(
    () => assertCertifiable({ task } as Workbench, systems),
    /^UsageError: Cannot certify as a certificate is of one class per image: current task is segmentation$/,
  );
});

Deno.test("parseCertification() names what is wrong", () => {
  assert.throws(
    () => parseCertification({ version: 2 }, "mine.json"),
    /^TypeError: Cannot use mine/,
  );
});
