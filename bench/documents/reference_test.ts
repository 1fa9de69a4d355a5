import { attacks } from "@realign/core/attacks";
import { defenses } from "@realign/core/defenses";
import assert from "node:assert/strict";
import { z } from "zod";
import { loadBuiltInPlugins } from "../../cli/presets/load_plugin.ts";
import { presetSchema } from "../../cli/presets/preset_schema.ts";
import { createProgram } from "../../cli/program.ts";
import { EXIT_CODES } from "../../cli/system/failure.ts";
import { Interruption } from "../../cli/system/interruption.ts";
import { presetReference } from "./preset_reference.ts";
import { type JsonSchema, rangeText } from "./range_text.ts";
import { referencePages } from "./reference.ts";
import { type DocJson, readSettingDocs } from "./setting_docs.ts";

const root = new URL("../..", import.meta.url);

/** What `deno task comments` prints. */
const { stdout } = await new Deno.Command(Deno.execPath(), {
  args: ["task", "--quiet", "comments"],
  cwd: root,
}).output();
const text = new TextDecoder().decode(stdout);
const json: DocJson = JSON.parse(text);
const pages = await referencePages(json);
const page = (name: string) => pages[`docs/reference/${name}.md`];
const plugins = (await loadBuiltInPlugins()).map(({ plugin }) => plugin);

Deno.test("the reference pages are those of the code: deno task readme", async () => {
  const committed = Array.from(
    Deno.readDirSync(new URL("docs/reference", root)),
    ({ name }) => `docs/reference/${name}`,
  );
  assert.deepEqual(committed.sort(), Object.keys(pages).sort());
  for (const [path, page] of Object.entries(pages)) {
    const found = await Deno.readTextFile(new URL(path, root));
    assert.ok(found === page, `${path} is stale: run deno task readme`);
  }
});

Deno.test("presets.md has every setting of every preset, each with range, default, meaning and origin", () => {
  const rows = page("presets").split("\n").filter((line) => /^\| `[a-z]/.test(line));
  const paths = rows.map((row) => /`([^`]*)`/.exec(row)![1]);
  for (const row of rows) {
    const cells = row.slice(2, -2).split(" | ");
    assert.equal(cells.length, 5, row);
    for (const cell of cells) assert.notEqual(cell.trim(), "", row);
  }
  // What is in capitals stands for any name.
  const patterns = paths.map((path) =>
    new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\b[A-Z]+\b/g, "[^.]+")}$`)
  );
  /** Paths of a value's leaves. */
  const pathsOf = (value: unknown, path: string[] = []): string[] => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return [path.join(".")];
    }
    return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]));
  };
  // Options of an attack: attacks.md.
  const own =
    /^(?:train\.guard\.|target\.train\.adversarial\.)?attack\.(?!name$|epsilon$)|\.attacks\.[^.]+\.(?!name$|epsilon$)/;
  for (const preset of plugins.flatMap(({ presets }) => Object.values(presets))) {
    for (const path of pathsOf(preset)) {
      if (own.test(path)) continue;
      assert.ok(patterns.some((pattern) => pattern.test(path)), `${preset.name}: ${path}`);
    }
    assert.match(page("presets"), new RegExp(`^### ${preset.name}$`, "m"));
  }
  assert.match(page("presets"), /\| `train\.batchSize` \| an integer of at least 1 \| cls `64`, /);
  assert.match(page("presets"), /`train.accumulate` \| an integer of at least 1 \| left out: 1 /);
  assert.match(page("presets"), /`dataset.trainExamples` \| an integer of at least 0, or "all" /);
});

Deno.test("a setting without a comment, default or origin is refused by its path", () => {
  const sources = (from: string, to: string) => ({
    schema: z.toJSONSchema(presetSchema) as JsonSchema,
    docs: readSettingDocs(JSON.parse(text.replaceAll(from, to))),
    presets: plugins.flatMap(({ presets }) => Object.values(presets)),
  });
  const cases: [string, string, RegExp][] = [
    [
      "Steps between checkpoints. @origin ours",
      "Steps.",
      /: train\.checkpointEvery has no @origin \(/,
    ],
    [" @default {1}", "", /: train\.accumulate has no @default, and no preset has it \(/],
    [
      "Steps between checkpoints. @origin ours",
      "",
      /: train\.checkpointEvery has no comment; train\.checkpointEvery has no @origin \(/,
    ],
    ["G, which restores images.", "", /: generator has no comment \(/],
  ];
  for (const [from, to, message] of cases) {
    assert.ok(text.includes(from), from);
    assert.throws(() => presetReference(sources(from, to)), message);
  }
});

Deno.test("a new setting is in the reference without a change to it", () => {
  const schema = z.toJSONSchema(presetSchema.extend({
    losses: presetSchema.shape.losses.extend({ temperature: z.number().gt(0).optional() }),
  }));
  const docs = readSettingDocs(JSON.parse(text));
  const told = presetReference({
    schema: schema as JsonSchema,
    docs: (path) =>
      path.at(-1) === "temperature"
        ? { text: "Of the softmax.", fallback: "1", origin: "ours" }
        : docs(path),
    presets: plugins.flatMap(({ presets }) => Object.values(presets)),
  });
  const row =
    "| `losses.temperature` | a finite number above 0 | left out: 1 | Of the softmax. | ours |";
  assert.ok(told.includes(row));
});

Deno.test("readSettingDocs() finds comments through records, lists and types of other files", () => {
  const docs = readSettingDocs(json);
  assert.match(
    docs(["evaluation", "systems", "jpeg", "defenses", "0", "name"])!.text,
    /^Which defense/,
  );
  assert.deepEqual(docs(["target", "normalization", "mean"]), {
    text: "Mean of red, green and blue.",
  });
  assert.deepEqual(docs(["train", "adversary"])?.fallback, '"target"');
  assert.equal(docs(["train", "batchsize"]), undefined);
});

Deno.test("readSettingDocs() reads tags wherever they stand, and follows what types extend", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/settings.ts`;
    await Deno.writeTextFile(file, SETTINGS);
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["doc", "--json", file] })
      .output();
    const docs = readSettingDocs(JSON.parse(new TextDecoder().decode(stdout)));
    const [seed, width] = ["seed", "width"].map((key) => docs(["groups", "any", key]));
    assert.deepEqual(seed, { text: "On one line.", fallback: "[1, 2]", origin: "Eq. 3" });
    assert.deepEqual(width, { text: "Extended.", fallback: "O's" });
    assert.deepEqual(docs(["groups", "any", "depth"]), {
      text: "On lines of its own.",
      fallback: "7",
      origin: "section 4.2; ours",
    });
    assert.deepEqual(docs(["groups"]), { text: "Groups.", fallback: "none", origin: "ours" });
    assert.equal(docs(["groups", "any", "height"]), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const SETTINGS = `
interface Base {
  /** Covered. */
  readonly seed?: number;
  /** Extended. @default O's */
  readonly width?: number;
}
export interface Group extends Base {
  /** On one line. @default {[1, 2]} Eq. 3 */
  readonly seed?: number;
  /**
   * On lines
   * of its own.
   *
   * @default {7}
   * @origin section 4.2; ours
   */
  readonly depth?: number;
}
export interface Preset {
  /** Groups. @default none @origin ours */
  readonly groups: Readonly<Record<string, Partial<Group>>>;
}
`;

Deno.test("what a group says of default and origin counts for all that it holds", () => {
  const fields = z.strictObject({
    seed: z.int().min(0),
    "window": z.strictObject({ stride: z.number() }),
  });
  const docs = (path: readonly string[]) =>
    path.at(-1) === "window"
      ? { text: "Windows.", fallback: "whole pictures", origin: "ours" }
      : { text: "A setting.", ...(path[0] === "seed" && { origin: "ours" }) };
  const presets = plugins.flatMap(({ presets }) => Object.values(presets));
  const told = presetReference({ schema: z.toJSONSchema(fields) as JsonSchema, docs, presets });
  assert.match(
    told,
    /^\| `window\.stride` \| a finite number \| left out: whole pictures \| A setting\. \| ours \|$/m,
  );
});

Deno.test("rangeText() says ranges as options do", () => {
  const said = (schema: z.ZodType) => rangeText(z.toJSONSchema(schema) as JsonSchema);
  assert.equal(said(z.int().min(2).max(9)), "an integer from 2 to 9");
  assert.equal(said(z.number()), "a finite number");
  assert.equal(said(z.number().min(0).max(1)), "a number from 0 to 1");
  assert.equal(said(z.number().min(0).lt(1)), "a number of at least 0 and below 1");
  assert.equal(said(z.tuple([z.int().min(1), z.int().min(1)])), "two integers of at least 1");
  assert.equal(said(z.array(z.string())), "a list, each text");
  assert.equal(said(z.enum(["a", "b"])), 'one of "a", "b"');
  assert.throws(() => said(z.null()), /Cannot say the range of/);
});

Deno.test("commands.md has every command with all of its options, arguments and examples", () => {
  const context = { overrides: [], words: [], interruption: new Interruption() };
  const program = createProgram(context, { out: () => {}, error: () => {} });
  const sections = page("commands").split(/^## /m);
  for (const command of program.commands) {
    const section = sections.find((text) => text.startsWith(`${command.name()}\n`));
    assert.ok(section, command.name());
    for (const { flags } of command.options) assert.ok(section.includes(`| \`${flags}\` |`), flags);
    assert.match(section, new RegExp(`\`\`\`sh\nrealign ${command.name()}\\b`));
  }
  for (const [code, meaning] of Object.entries(EXIT_CODES)) {
    assert.ok(page("commands").includes(`| ${code} | ${meaning} |`));
  }
  assert.match(
    page("commands"),
    /\| `--split <name>` \| `test` \| which images .*: `test`, `train` \|/,
  );
});

Deno.test("attacks.md and defenses.md have every entry with its comment and options", () => {
  const tables = [
    ["attacks", attacks],
    ...plugins.map(({ attacks = {} }) => ["attacks", attacks] as const),
    ["defenses", defenses],
  ] as const;
  for (const [name, table] of tables) {
    for (const [entry, { title, options }] of Object.entries(table)) {
      const at = page(name).split(/^## /m).find((text) =>
        text.startsWith(entry) && text.includes(`"${title}" in tables`)
      );
      assert.ok(at, entry);
      for (const option of Object.keys(options)) {
        assert.ok(at.includes(`| \`${option}\` |`), option);
      }
    }
  }
  assert.match(page("attacks"), /^## deepfool \(segmentation\)\n\nDeepFool for networks/m);
  assert.match(page("defenses"), /^## jpeg\n\nCompresses images as JPEG/m);
});
