/**
 * No file needs more than the task that runs it allows, no task allows more than its files need, and the
 * packages need what docs/trust.md says.
 */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import {
  type Command,
  commandsOf,
  covers,
  type Grants,
  grantsOf,
  type Need,
  needsBelow,
  needsOf,
  reachable,
} from "./permissions.ts";
import { codeFolders, listFiles, root } from "./source_files.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(join(root, "deno.json"))) as {
  tasks: Readonly<Record<string, { readonly command: string }>>;
};

/** Tests, and what has examples in its comments. What is planted here is none of it. */
const tested = (await listFiles(codeFolders, ".ts"))
  .filter((file) => /^(core|datasets|interop|plugins)\/|_test\.ts$/.test(file))
  .filter((file) => !file.startsWith("tests/permissions"));

const commands: readonly (Command & { readonly task: string })[] = Object.entries(tasks)
  .flatMap(([task, { command }]) => commandsOf(command).map((one) => ({ task, ...one })));

/** Helpers of tests that start programs; tasks which use the rest of them do not come to that. */
const HELPERS = ["cli/testing.ts"];

/**
 * Needs of what a program loads and does not run, by its last word: the reference lists the commands and their
 * options; a service only reads its run, and installs nothing.
 */
const LISTED: Readonly<Record<string, RegExp>> = {
  "bench/documents/reference.ts": /^(run|sys|env (?!npm_|MALLOC))/,
  serve: /^(write|run)/,
  // It waits and computes nothing, so that signals need no thread of their own.
  "cli/launch.ts": /^(ffi|write)/,
};

/** The only file of the program that uses the network. The command that runs it has a task of its own. */
const SERVICE = "net: cli/serve/listen.ts";

/** The files that a command may run. */
const filesOf = ({ words }: Command): Promise<Set<string>> =>
  reachable(words[1] === "test" ? tested : words.filter((word) => word.endsWith(".ts")));

/** What code needs and a command does not allow, with the files that need it. */
async function violations(files: Iterable<string>, grants: Grants): Promise<string[]> {
  const needs = await needsBelow([...files].filter((file) => !HELPERS.includes(file)));
  return [...needs].filter(([, need]) => !covers(grants, need))
    .map(([what, { by }]) => `${what.trim()}: ${by.join(", ")}`);
}

Deno.test("every task that runs code says what it may do, and none may do everything", () => {
  const found = new Set(commands.map(({ task }) => task));
  for (const task of ["bench", "keep-result", "readme", "realign", "serve", "test"]) {
    assert.ok(found.has(task), task);
  }
  for (const { task, words } of commands) {
    assert.notEqual(words[1], "eval", `deno eval in ${task} may do everything`);
    assert.ok(words.includes("--no-prompt"), `${task} asks for permissions`);
    const all = words.filter((word) => /^(-A|--allow-all)/.test(word));
    assert.deepEqual(all, [], task);
  }
  for (const [task, { command }] of Object.entries(tasks)) {
    assert.match(command, /^deno (task|run|test|fmt|lint|check|publish|doc) /, task);
  }
});

for (const command of commands) {
  const { task, words, grants } = command;
  const isTest = words[1] === "test";
  const program = words.findLast((word) => word.endsWith(".ts"));
  const what = `deno ${words[1]} ${isTest ? "" : program} of ${task}`.replace("  ", " ");
  Deno.test(`no file needs more than ${what} allows`, async () => {
    // Tests start programs by names that they compute, and skip where these may not run.
    const allowed = isTest ? new Map([...grants, ["run", new Set([""])] as const]) : grants;
    const found = await violations(await filesOf(command), allowed);
    const excused = (need: string) => LISTED[words.at(-1)!]?.test(need) || need === SERVICE;
    assert.deepEqual(found.filter((need) => !excused(need)), []);
  });

  Deno.test(`${what} allows no more than its files need`, async () => {
    const needs = [...(await needsBelow(await filesOf(command))).values()];
    const idle = [...grants].flatMap(([kind, names]) =>
      [...names].filter((name) =>
        !needs.some((need) => covers(new Map([[kind, new Set([name])]]), need))
      ).map((name) => `--allow-${kind}${name && `=${name}`}`)
    );
    assert.deepEqual(idle.filter((flag) => flag !== "--allow-run=PRINTED"), []);
    // All programs, variables or system facts only where code asks for what it computes.
    for (const kind of ["run", "env", "sys", "net"] as const) {
      if (!grants.get(kind)?.has("")) continue;
      assert.ok(needs.some((need) => need.kind === kind && need.name === ""), `--allow-${kind}`);
    }
  });
}

/** "`env` HOME, USER; `ffi`" as docs/trust.md has it, sorted. */
function told(needs: Iterable<Need>): string {
  const kinds = Map.groupBy(needs, ({ kind }) => kind);
  const parts = [...kinds].toSorted().map(([kind, of]) => {
    const names = of.map(({ name }) => name).filter((name) => name !== "").sort();
    return names.length > 0 ? `\`${kind}\` of ${names.join(", ")}` : `\`${kind}\``;
  });
  return parts.length === 0 ? "nothing" : parts.join("; ");
}

Deno.test("only the service, its measurements and the starter of workers may use the network, on this machine; the service may neither write nor start programs", () => {
  const online = commands.filter(({ grants }) => grants.has("net"));
  assert.deepEqual([...new Set(online.map(({ task }) => task))].toSorted(), [
    "bench",
    "launch",
    "serve",
    "test",
  ]);
  for (const { grants } of online) assert.deepEqual([...grants.get("net")!], ["127.0.0.1"]);
  const { grants } = online.find(({ task }) => task === "serve")!;
  assert.ok(!grants.has("write") && !grants.has("run"));
});

Deno.test("the packages need what docs/trust.md says, and no more", async () => {
  const lines = (await Deno.readTextFile(join(root, "docs", "trust.md"))).split("\n");
  for (
    const folder of [
      "core",
      "datasets",
      "interop",
      "plugins/classification",
      "plugins/detection",
      "plugins/segmentation",
    ]
  ) {
    const { name, publish } = JSON.parse(await Deno.readTextFile(join(root, folder, "deno.json")));
    const kept = (publish.exclude as string[]).map((glob) =>
      new RegExp(`^${folder}/${glob.replaceAll("**/*", ".*").replaceAll(/(?<!\.)\*/g, ".*")}$`)
    );
    const files = (await listFiles([folder], ".ts"))
      .filter((file) => !kept.some((glob) => glob.test(`${file}`)));
    const needs = told((await needsBelow(files)).values());
    const rows = lines.filter((line) => line.startsWith(`| \`${name}\` |`));
    assert.deepEqual(rows, [`| \`${name}\` | ${needs} |`]);
  }
});

Deno.test("a file that needs more is found, however deep it is", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const planted = (name: string, code: string) => Deno.writeTextFile(join(folder, name), code);
    await planted("main.ts", 'import type { A } from "./types.ts";\nimport "./middle.ts";\n');
    await planted("middle.ts", 'export const load = () => import("./deep.ts");\n');
    await planted("types.ts", "export type A = 1;\nDeno.hostname();\n");
    await planted("deep.ts", '/* Deno.dlopen */\nawait fetch("https://example.com");\n');
    const [main, deep] = ["main.ts", "deep.ts"].map((name) => relative(root, join(folder, name)));
    const { grants } = commands.find(({ task }) => task === "realign")!;
    assert.deepEqual(await violations(await reachable([main]), grants), [`net: ${deep}`]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const { grants } = commands.find(({ task }) => task === "realign")!;
  const cases: [string, boolean][] = [
    ['new Deno.Command("python3", { args: [] })', true],
    ['new Deno.Command("curl")', false],
    ["new Deno.Command(program)", false],
    ['import { spawn } from "node:child_process";', false],
    ['Deno.env.get("REALIGN_ANYTHING")', true],
    ['Deno.env.get("AWS_SECRET_ACCESS_KEY")', false],
    ['const read = (name: string) => Deno.env.get(name);\nread("HOME");', true],
    ['const read = (name: string) => Deno.env.get(name);\nread("SSH_AUTH_SOCK");', false],
    ["Deno.env.toObject()", false],
    ["process.env.PATH", false],
    ["Deno.systemMemoryInfo()", true],
    ["Deno.networkInterfaces()", false],
    ['import { hostname } from "node:os";\nhostname();', false],
    ["Deno.connect({ port: 1 })", false],
    ['import { get } from "node:https";', false],
    ["new WebSocket(url)", false],
    ["const kept = cache.fetch(1);", true],
  ];
  for (const [code, isAllowed] of cases) {
    assert.equal(needsOf(code).every((need) => covers(grants, need)), isAllowed, code);
  }
  assert.ok(!covers(grantsOf(["--allow-read"]), { kind: "write", name: "" }));
});
