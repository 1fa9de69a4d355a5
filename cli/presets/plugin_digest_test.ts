import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { toFileUrl } from "../system/file_url.ts";
import { digestPlugin } from "./plugin_digest.ts";

/** Gives a test a folder with files, and a way to write and digest them. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  test: (tools: {
    folder: string;
    write: (name: string, text: string) => Promise<void>;
    digest: () => Promise<string | undefined>;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const write = async (name: string, text: string) => {
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    await Deno.writeTextFile(join(folder, name), text);
  };
  try {
    for (const [name, text] of Object.entries(files)) await write(name, text);
    await test({ folder, write, digest: () => digestPlugin(toFileUrl(join(folder, "mod.ts"))) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("digestPlugin() changes with every file that the plugin reaches, and with no other", async () => {
  const files = {
    "mod.ts": `import { a } from "./a.ts"; export * from './parts/b.js';
      const later = () => import(\`./c.mts\`);
      const weights = new URL("./weights/d.json", import.meta.url);
      const names = Deno.readTextFile(\`\${import.meta.dirname}/parts/g.txt\`);
      const mean = join(import.meta.dirname, "e.txt");
      // it's a comment with one quotation mark`,
    "a.ts": `export { a } from "./deep.ts";`,
    "deep.ts": `import "./mod.ts"; export const a = 1;`,
    "parts/b.js": `import "../f.ts";`,
    "c.mts": "",
    "weights/d.json": "{}",
    "e.txt": "",
    "f.ts": "",
    "parts/g.txt": "",
  };
  await withFiles({ ...files, "other.ts": "" }, async ({ write, digest }) => {
    const seen = new Set([await digest()]);
    for (const [name, text] of Object.entries(files)) {
      await write(name, `${text}\n`);
      seen.add(await digest());
    }
    assert.equal(seen.size, 1 + Object.keys(files).length);
    assert.ok(!seen.has(undefined));
    await write("other.ts", "// changed");
    assert.ok(seen.has(await digest()));
    for (const [name, text] of Object.entries(files)) await write(name, text);
    assert.equal(await digest(), [...seen][0], "the same code has the same digest");
  });
});

Deno.test("digestPlugin() is the same in another folder", async () => {
  const files = { "mod.ts": `import "./a.ts";`, "a.ts": "" };
  const digests: unknown[] = [];
  for (let round = 0; round < 2; round++) {
    await withFiles(files, async ({ digest }) => void digests.push(await digest()));
  }
  assert.equal(digests[0], digests[1]);
});

Deno.test("digestPlugin() follows links once, skips folders and what is not there", async () => {
  await withFiles({
    "mod.ts":
      `import "./link.ts"; import "./none.ts"; const folder = "./data.d"; "https://x.y/z.ts"`,
    "real/a.ts": `import "../mod.ts"; import "./loop.ts";`,
    "data.d/file": "",
  }, async ({ folder, write, digest }) => {
    await Deno.symlink(join(folder, "real/a.ts"), join(folder, "link.ts"));
    await Deno.symlink("loop.ts", join(folder, "real/loop.ts"));
    const before = await digest();
    assert.ok(before);
    await write("real/a.ts", "// changed");
    assert.notEqual(await digest(), before);
  });
});

Deno.test("digestPlugin() takes size and time of a large file for its content", async () => {
  await withFiles({ "mod.ts": `"./weights.bin"` }, async ({ folder, digest }) => {
    const path = join(folder, "weights.bin");
    await Deno.writeFile(path, new Uint8Array());
    await Deno.truncate(path, 2 ** 31);
    const before = await digest();
    assert.ok(before);
    await Deno.utime(path, new Date(), new Date(1e12));
    assert.notEqual(await digest(), before);
  });
});

Deno.test("digestPlugin() gives none to more files than it follows, and to a missing one", async () => {
  const many = Array.from({ length: 2001 }, (_, index) => `f${index}.txt`);
  await withFiles({ "mod.ts": JSON.stringify(many) }, async ({ folder, digest }) => {
    await Promise.all(many.map((name) => Deno.writeTextFile(join(folder, name), "")));
    assert.equal(await digest(), undefined);
    await Deno.remove(join(folder, "mod.ts"));
    assert.equal(await digest(), undefined);
  });
});

Deno.test("digestPlugin() knows packages by their exact version, and none by a range", async () => {
  assert.match((await digestPlugin("npm:commander@15.1.0"))!, /^commander@15\.1\.0 [0-9a-f]{64}$/);
  assert.equal(await digestPlugin("npm:commander"), await digestPlugin("npm:commander@15.1.0"));
  const exact = ["jsr:@acme/depth@1.2.3", "jsr:@acme/depth@1.2.3-rc.1/mod"];
  for (const url of exact) assert.equal(await digestPlugin(url), url);
  const unknown = [
    "jsr:@acme/depth",
    "jsr:@acme/depth@1",
    "jsr:@acme/depth@^1.2.3",
    "https://acme.org/depth@1.2.3/mod.ts",
  ];
  for (const url of unknown) assert.equal(await digestPlugin(url), undefined, url);
  const data = "data:text/javascript,export default 1";
  assert.notEqual(await digestPlugin(data), await digestPlugin(`${data}1`));
});
