/**
 * The commands that documents and help texts show, against the program: every command, option and
 * setting must be there. TypeScript blocks are run by examples_test.ts.
 */
import assert from "node:assert/strict";
import { main } from "../cli/main.ts";
import { type Choices, chooseFrom } from "../cli/presets/choose_evaluation.ts";
import { choosePreset } from "../cli/presets/choose_preset.ts";
import { withNamedSystems } from "../cli/presets/named_systems.ts";
import { applyOverrides, splitOverrides } from "../cli/presets/overrides.ts";
import { type Context, settingOverride } from "../cli/commands/options.ts";
import { Interruption } from "../cli/system/interruption.ts";
import { createProgram } from "../cli/program.ts";
import { routesOf } from "../cli/serve/routes.ts";
import { blocksOf, commandsOf, commandsWithin, documents, readDocument } from "./documents.ts";
import { root } from "./source_files.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`)) as {
  tasks: Record<string, { command: string }>;
};
/** Tasks that are commands of the program. */
const programTasks = new Set(
  Object.entries(tasks)
    .filter(([name, { command }]) =>
      /(realign|cli\/main\.ts) \S+$/.test(command) && command.endsWith(` ${name}`)
    )
    .map(([name]) => name),
);

const context: Context = { overrides: [], words: [], interruption: new Interruption() };

/** The words for the program in a command; undefined where it calls another one. */
function programWords(command: string): string[] | undefined {
  const words = command.replace(/^[A-Z_]+='[^']*' /, "") // a variable
    .replace(/^npx -y deno@[\d.]+ /, "deno ").split(/\s+/);
  if (words[0] === "realign") return words.slice(1);
  if (words[1] === "run" && words.includes("cli/main.ts")) {
    return words.slice(words.indexOf("cli/main.ts") + 1);
  }
  if (words[0] !== "deno" || words[1] !== "task") return undefined;
  if (words[2] === "realign") return words.slice(3);
  return programTasks.has(words[2]) ? words.slice(2) : undefined;
}

/** Takes a command apart as the program does, and does nothing. Throws as the program would. */
async function parse(words: readonly string[]): Promise<void> {
  const { overrides, rest } = splitOverrides(words);
  const program = createProgram({ ...context, overrides }, { out: () => {}, error: () => {} });
  let called = program;
  for (const command of program.commands) {
    command.exitOverride().action(() => void (called = command));
  }
  await program.parseAsync(rest, { from: "user" });
  const options: Options = called.opts();
  const named = options.preset ??
    (WITH_PRESETS.includes(called.name()) && !PLACEHOLDERS.includes(called.args[0])
      ? called.args[0]
      : undefined);
  if (options.plugin !== undefined) return; // its presets and settings are its own
  const all = [...settingOverride("recipe.name", options.recipe), ...overrides];
  const choose = async (name: string) => {
    const { preset, plugin } = await choosePreset(name, undefined);
    const chosen = applyOverrides(withNamedSystems(preset, options.systems), all, plugin);
    chooseFrom(chosen.evaluation, options, chosen.name);
  };
  // A run's settings are those of some task.
  const tasks = ["cls-shapes", "seg-shapes", "det-bccd-small"];
  await (named !== undefined ? choose(named) : Promise.any(tasks.map(choose))).catch((error) => {
    throw error instanceof AggregateError ? error.errors[0] : error;
  });
}

/** Options that name parts of a preset. */
interface Options extends Choices {
  readonly preset?: string;
  readonly plugin?: string;
  readonly recipe?: string;
}

/** Commands whose first argument is a preset, or stands for one or for a run. */
const WITH_PRESETS = ["train", "train-target", "attack", "presets"];
const PLACEHOLDERS = ["latest", "NAME", "PRESET", undefined];

/** Where a command stands, and what it is. */
async function shownCommands(): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for (const path of documents) {
    for (const { kind, code } of blocksOf(await readDocument(path))) {
      if (kind === "sh") {
        found.push(...commandsOf(code).map((line): [string, string] => [path, line]));
      }
    }
  }
  return found;
}

const shown = await shownCommands();

Deno.test(`all ${shown.length} commands that the documents show are understood`, async () => {
  const broken: string[] = [];
  for (const [path, command] of shown) {
    const words = programWords(command);
    if (!words) {
      if (!/^((deno|npx -y deno@[\d.]+) (task|test|install)|curl)\b/.test(command)) {
        broken.push(`${path}: ${command}`);
      }
      continue;
    }
    await parse(words).catch((error: Error) =>
      broken.push(`${path}: ${command}: ${error.message}`)
    );
  }
  assert.deepEqual(broken, []);
});

/** Commands with options that sentences name, with where they stand; the reference is made by the program. */
const named = (await Promise.all(
  documents.filter((path) => !path.startsWith("docs/reference/")).map(async (path) =>
    commandsWithin(await readDocument(path))
      .filter((command) => command.includes(" --") && !command.endsWith(" --help"))
      .map((command): [string, string] => [path, command])
  ),
)).flat();

Deno.test(`all ${named.length} commands within sentences are understood`, async () => {
  const broken: string[] = [];
  for (const [path, command] of named) {
    const words = programWords(command);
    if (!words) continue;
    await parse(words).catch((error: Error) =>
      broken.push(`${path}: ${command}: ${error.message}`)
    );
  }
  assert.deepEqual(broken, []);
});

Deno.test("every path of the service is shown with curl, and no other", () => {
  const calls = shown.filter(([, command]) => command.startsWith("curl "));
  const paths = calls.map(([, command]) =>
    `${command.includes("--data-binary") ? "POST" : "GET"} ${
      new URL(/http:[^\s"]+/.exec(command)![0]).pathname
    }`
  );
  const routes = routesOf(true).map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual([...new Set(paths)].toSorted(), routes.toSorted());
});

Deno.test("the examples in the help texts are understood", async () => {
  const broken: string[] = [];
  let count = 0;
  const program = createProgram(context, { out: () => {}, error: () => {} });
  for (const command of [program, ...program.commands]) {
    let help = "";
    command.configureOutput({ writeOut: (text) => help += text }).outputHelp();
    // The program's examples stand above its usage.
    const examples = command === program
      ? help.split("Usage:")[0].split("\n").filter((line) => line.startsWith("  ")).join("\n")
      : help.split("Examples:\n")[1];
    const lines = commandsOf(examples.replaceAll(/^ +/gm, ""));
    assert.ok(lines.length > 0, command.name());
    for (const line of lines) {
      count++;
      const words = programWords(line) ?? [];
      await parse(words).catch((error: Error) => broken.push(`${line}: ${error.message}`));
    }
  }
  assert.ok(count >= 15, `${count} examples were found`);
  assert.deepEqual(broken, []);
});

Deno.test("documents that the help texts name are there", async () => {
  const program = createProgram(context, { out: () => {}, error: () => {} });
  const named: string[] = [];
  for (const command of [program, ...program.commands]) {
    let help = "";
    command.configureOutput({ writeOut: (text) => help += text }).outputHelp();
    named.push(...Array.from(help.matchAll(/\bdocs\/[\w/.]*\w/g), ([path]) => path));
  }
  for (const path of named) await Deno.stat(`${root}/${path}`);
  assert.deepEqual([...new Set(named)].sort(), [
    "docs/defend_your_model.md",
    "docs/reference",
    "docs/reference/presets.md",
    "docs/serve.md",
    "docs/several_workers.md",
  ]);
});

Deno.test("commands that only print are run", async () => {
  const printing = ["presets", "attacks", "defenses"];
  const quick = shown.map(([, command]) => programWords(command))
    .filter((words) => printing.includes(words?.[0] ?? "") && !words!.includes("--plugin"));
  // The reference shows the examples of the help texts.
  assert.ok(quick.length >= 11, `${quick.length} commands were found`);
  const { log, error } = console;
  const printed: string[] = [];
  console.log = console.error = (text: string) => printed.push(text);
  try {
    for (const words of quick) {
      if (words!.includes("NAME")) continue;
      assert.equal(await main(words!), 0, `${words!.join(" ")}: ${printed.at(-1)}`);
    }
  } finally {
    Object.assign(console, { log, error });
  }
  assert.match(printed.join("\n"), /"setting": "L_I"/);
});

Deno.test("a command with a slip is not understood", async () => {
  await assert.rejects(parse(["train", "cls-shapes", "--resum", "latest"]), /unknown option/);
  await assert.rejects(parse(["trian", "cls-shapes"]), /unknown command/);
  await assert.rejects(parse(["train", "cls-shape"]), /did you mean "cls-shapes"/);
  await assert.rejects(parse(["evaluate", "latest", "--attacks", "pdg"]), /did you mean "pgd"/);
  await assert.rejects(parse(["train", "cls-shapes", "--train.batchsize=8"]), /did you mean/);
  await assert.rejects(parse(["defend", "latest", "photo.png"]), /--out <dir>/);
});

Deno.test("docs/trust.md names every command that may load the plugin of a run", async () => {
  const [, named] = /commands that need the plugin \(([^)]+)\)/.exec(
    await readDocument("docs/trust.md"),
  )!;
  const told = new Set(
    [...named.matchAll(/`([a-z][a-z-]*)( --resume)?`/g)].map(([, name]) => name),
  );
  const program = createProgram(context, { out: () => {}, error: () => {} });
  const taking = program.commands
    .filter(({ options }) => options.some(({ long }) => long === "--plugin"))
    .map((command) => command.name());
  // These open no run but one of their own.
  const others = new Set(["presets", "attacks", "defenses", "recipes", "demo"]);
  assert.deepEqual(told, new Set(taking.filter((name) => !others.has(name))));
});
