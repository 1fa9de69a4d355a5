import * as tf from "@realign/core/tf";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere, TINY } from "../testing.ts";

await useTestBackend();
const ignore = tf.getBackend() !== "tensorflow";

/** Elements that have no end. */
const EMPTY = new Set(["meta", "img", "input", "br"]);

/** Asserts that every element is ended, in order; what is in scripts and styles is no HTML. */
function assertWellFormed(page: string): void {
  const open: string[] = [];
  const tag =
    /<!DOCTYPE html>|<(script|style)\b[^>]*>.*?<\/\1>|<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*>|</gs;
  for (const [text, whole, end, name] of page.matchAll(tag)) {
    if (whole !== undefined || text.startsWith("<!")) continue;
    assert.ok(name !== undefined, `a "<" that begins nothing, in front of ${open.join(" ")}`);
    if (end) assert.equal(open.pop(), name);
    else if (!EMPTY.has(name)) open.push(name);
  }
  assert.deepEqual(open, []);
}

Deno.test({
  name: "export --format web writes one page that reaches no network, or nothing",
  ignore,
  async fn(t) {
    const folder = await Deno.makeTempDir();
    const runs = ["--runs", join(folder, "runs")];
    const work = [...runs, "--cache", join(folder, "cache")];
    const out = join(folder, "page");
    const web = ["export", "latest", "--format", "web", "--out", out, ...runs];
    const realign = async (...args: string[]) => {
      const { code, out, error } = await runHere(args);
      assert.equal(code, 0, `${args.join(" ")}\n${error}`);
      return { out, error };
    };
    const fail = async (code: number, message: RegExp, ...args: string[]) => {
      const result = await runHere([...web, ...args]);
      assert.match(result.error.trimEnd().split("\n").at(-1)!, message);
      assert.equal(result.code, code, result.error);
      assert.ok(![...Deno.readDirSync(folder)].some(({ name }) => name === "page"));
    };
    try {
      await t.step("a run without a defense is refused", async () => {
        await realign("train-target", "cls-shapes", ...TINY, "--steps", "1", ...work);
        await fail(1, /Cannot find the generator of .* has not finished/);
      });
      await realign("train", "--resume", "latest", ...work);

      await t.step("options that a page has no use for are refused", async () => {
        await fail(2, /Cannot export a page with --what target .*leave --what/, "--what", "target");
        await fail(2, /Cannot export a page with --layout/, "--layout", "nhwc");
        await fail(2, /Cannot export a page with --batch/, "--batch", "2");
      });

      await t.step("the page is compared with the run, and says what is in it", async () => {
        await realign("evaluate", "latest", "--attacks", "pgd", ...work);
        const { out: told } = await realign(...web, "--json");
        const { written, compared, warnings } = JSON.parse(told);
        assert.deepEqual(written, [join(out, "index.html")]);
        assert.deepEqual(Object.keys(compared.differences), [
          "restored",
          ...["target.logits", "system.logits", "target.gain", "target.gradient"],
          ...["system.gain", "system.gradient"],
        ]);
        for (const value of Object.values(compared.differences)) assert.ok(value as number < 1e-4);
        assert.match(warnings[0], /^the page holds 6 test images of shapes, and the weights/);

        const page = await Deno.readTextFile(join(out, "index.html"));
        assertWellFormed(page);
        // Names of XML are no addresses; nothing else begins as one.
        const addresses = page.match(/\b(?:https?|wss?):\/\/[^\s"'<]*/g) ?? [];
        assert.deepEqual([...new Set(addresses)], ["http://www.w3.org/2000/svg"]);
        assert.doesNotMatch(page, /<link|\bsrc="(?!data:image\/png)/);
        assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
        assert.match(page, /<h1>Attack cls-shapes<\/h1>/);
        assert.match(page, /An attacker who knows the defense \(whitebox\)|Nothing was measured/);
        assert.match(page, /<td data-label="Attacker">oblivious<\/td>/);
        const [, json] = /id="embedded-content">(.*?)<\/script>/s.exec(page)!;
        const { view, size, samples, check } = JSON.parse(json);
        assert.deepEqual([view.kind, view.shape, size], ["classes", [1, 8], [32, 32]]);
        assert.equal(samples.length, 6);
        assert.equal(new Set(samples.map(({ truth }: { truth: string }) => truth)).size, 6);
        assert.ok(check.restored.length > 200 && check.gradient.some((one: number) => one !== 0));
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
