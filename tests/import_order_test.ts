import assert from "node:assert/strict";
import { importsOf, listFiles, readCode, resolveImport, root } from "./source_files.ts";

/** Which packages each may import; files of one package import each other by relative paths. */
const order: Readonly<Record<string, readonly string[]>> = {
  core: [],
  datasets: ["core"],
  interop: ["core"],
  plugins: ["core", "interop"],
  cli: ["core", "datasets", "interop", "classification", "segmentation", "detection"],
};
const crossing = ["tests", "bench"];

const files = await listFiles([...Object.keys(order), ...crossing], ".ts");

Deno.test("imports go one way: core <- datasets, interop <- plugins <- cli <- tests, bench", async () => {
  const broken: string[] = [];
  for (const file of files) {
    const [folder] = file.split("/");
    if (crossing.includes(folder)) continue;
    const home = folder === "plugins" ? file.split("/").slice(0, 2).join("/") : folder;
    for (const { specifier } of importsOf(await readCode(file))) {
      const [, name] = /^@realign\/([^/]+)/.exec(specifier) ?? [];
      const leaves = specifier.startsWith(".") &&
        !resolveImport(file, specifier).startsWith(`${home}/`);
      if (leaves || (name && !order[folder].includes(name))) broken.push(`${file}: ${specifier}`);
    }
  }
  assert.deepEqual(broken, []);
});

Deno.test("what core loads in a browser uses neither node: nor Deno", async () => {
  const { exports } = JSON.parse(await Deno.readTextFile(`${root}/core/deno.json`));
  const { "./testing": _, ...entries } = exports as Record<string, string>;
  const waiting = Object.values(entries).map((entry) => resolveImport("core/mod.ts", entry));
  const broken: string[] = [];
  const seen = new Set<string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const code = await readCode(file);
    if (/\bDeno\./.test(code)) broken.push(`${file}: Deno`);
    for (const { specifier, kind } of importsOf(code)) {
      if (kind !== "static") continue;
      if (specifier.startsWith("node:")) broken.push(`${file}: ${specifier}`);
      if (specifier.startsWith(".")) waiting.push(resolveImport(file, specifier));
    }
  }
  assert.ok(seen.size > 50, `${seen.size} files were found`);
  assert.deepEqual(broken, []);
});

Deno.test("no file of the packages has more than 300 lines", async () => {
  const long: string[] = [];
  for (const file of files) {
    const lines = (await Deno.readTextFile(`${root}/${file}`)).split("\n").length - 1;
    if (lines > 300) long.push(`${file}: ${lines}`);
  }
  assert.deepEqual(long, []);
});
