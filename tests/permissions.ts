/**
 * What code asks of the system, read off its text: which Deno permissions a file needs by itself.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { importsOf, listFiles, readCode, resolveImport, root } from "./source_files.ts";

/** Deno's kinds of permissions. */
export type Kind = "read" | "write" | "env" | "run" | "net" | "sys" | "ffi";

/** One thing that a file does, and of what: a variable, a program. "" where the code decides. */
export interface Need {
  readonly kind: Kind;
  readonly name: string;
}

/** Permissions of a command: names, or "" for all of a kind. */
export type Grants = ReadonlyMap<Kind, ReadonlySet<string>>;

/** What tells of a need wherever it stands. */
const SIGNS: readonly [Kind, RegExp][] = [
  [
    "read",
    /\bDeno\.(?:read\w+|open|stat|lstat|realPath|copyFile|watchFs|cwd)(?:Sync)?\b|"node:fs(?:\/promises)?"/,
  ],
  [
    "write",
    /\bDeno\.(?:write\w+|mkdir|remove|rename|create|copyFile|makeTemp\w+|symlink|link|truncate|chmod|chown|utime)(?:Sync)?\b|\b(?:write|append|create|createNew): true|\b(?:writeFile|mkdir|mkdtemp|rm|createWriteStream)(?:Sync)?\b(?=.*"node:fs|\()/,
  ],
  ["ffi", /\bDeno\.(?:dlopen|UnsafePointer\w*|UnsafeCallback|UnsafeFnPointer)\b/],
  [
    "net",
    /(?<![.\w])fetch\(|\bnew (?:WebSocket|EventSource)\b|\bDeno\.(?:connect\w*|listen\w*|serve|resolveDns|createHttpClient)\b|"node:(?:https?|http2|net|dns|dgram|tls)"|\bimport\("https?:/,
  ],
];

/** What Deno and Node call what --allow-sys calls otherwise. */
const SYSTEM: Readonly<Record<string, string>> = {
  ...{ systemMemoryInfo: "systemMemoryInfo", loadavg: "loadavg", hostname: "hostname" },
  ...{ osRelease: "osRelease", osUptime: "osUptime", networkInterfaces: "networkInterfaces" },
  ...{ uid: "uid", gid: "gid", cpus: "cpus", totalmem: "systemMemoryInfo" },
  ...{ freemem: "systemMemoryInfo", homedir: "homedir", userInfo: "userInfo" },
};

/** What packages need, as their code reads it; those that are not here need nothing. */
const PACKAGES: Readonly<Record<string, readonly Need[]>> = {
  sharp: [
    ...[{ kind: "ffi" as const, name: "" }, { kind: "read" as const, name: "" }],
    ...["npm_package_config_libvips", "MALLOC_ARENA_MAX"].map((name) => ({
      kind: "env" as const,
      name,
    })),
  ],
  commander: ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"].map((name) => ({ kind: "env", name })),
};

/**
 * What a file's code needs by itself, without what it imports from files.
 *
 * @param code Without comments
 */
export function needsOf(code: string): Need[] {
  const needs: Need[] = SIGNS.filter(([, sign]) => sign.test(code))
    .map(([kind]) => ({ kind, name: "" }));
  for (const [, name] of code.matchAll(/\bnew Deno\.Command\(\s*(?:"([^"]+)")?/g)) {
    needs.push({ kind: "run", name: name ?? "" });
  }
  if (code.includes('"node:child_process"')) needs.push({ kind: "run", name: "" });
  for (const [call, name] of Object.entries(SYSTEM)) {
    const isNode = code.includes('"node:os"') && new RegExp(`\\b${call}\\b`).test(code);
    if (isNode || new RegExp(`\\bDeno\\.${call}\\b`).test(code)) needs.push({ kind: "sys", name });
  }
  for (const name of variablesIn(code)) needs.push({ kind: "env", name });
  for (const { specifier, kind } of importsOf(code)) {
    if (kind !== "type") needs.push(...PACKAGES[specifier] ?? []);
  }
  return needs;
}

/** Environment variables that code reads or sets; where the name is one of several, all that are written there. */
function variablesIn(code: string): Set<string> {
  const names = new Set<string>();
  for (const [, name] of code.matchAll(/\bprocess\.env\.(\w+)/g)) names.add(name);
  for (const [, name] of code.matchAll(/\bprocess\.env\["(\w+)"\]/g)) names.add(name);
  if (/"node:os"[^]*\btmpdir\b|\btmpdir\b[^]*"node:os"/.test(code)) {
    for (const name of ["TMPDIR", "TEMP", "TMP"]) names.add(name);
  }
  for (const [, , name] of code.matchAll(/\bDeno\.env\.(\w+)\((?:\s*"(\w+)")?/g)) {
    const several = Array.from(code.matchAll(/"([A-Z][A-Z0-9_]{2,})"/g), ([, word]) => word);
    for (const one of name ? [name] : several) names.add(one);
    // A name that comes from nowhere in the file, or all variables at once.
    if (!name && several.length === 0) names.add("");
  }
  return names;
}

/** Where each name of the workspace leads: "@realign/core/tf" to "core/tf.ts". */
async function entryPoints(): Promise<Map<string, string>> {
  const entries = new Map<string, string>();
  for (
    const file of await listFiles(["core", "datasets", "interop", "plugins", "cli"], "deno.json")
  ) {
    const { name, exports } = JSON.parse(await Deno.readTextFile(`${root}/${file}`));
    const paths: Record<string, string> = typeof exports === "string" ? { ".": exports } : exports;
    for (const [key, path] of Object.entries(paths)) {
      entries.set(name + key.slice(1), resolveImport(file, path));
    }
  }
  return entries;
}

/** Files that some lead to, with themselves: by imports, and by paths written in them (workers, programs). */
export async function reachable(from: readonly string[]): Promise<Set<string>> {
  const entries = await entryPoints();
  const seen = new Set<string>();
  const waiting = [...from];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const code = await readCode(file);
    const imports = importsOf(code);
    const named = (isType: boolean) =>
      imports.filter(({ kind }) => (kind === "type") === isType).map(({ specifier }) => specifier);
    const [types, imported] = [named(true), named(false)];
    const written = Array.from(code.matchAll(/"(\.{1,2}\/[\w./]+\.ts)"/g), ([, path]) => path);
    for (const specifier of [...imported, ...written.filter((path) => !types.includes(path))]) {
      const path = specifier.startsWith(".")
        ? resolveImport(file, specifier)
        : entries.get(specifier);
      // Tests write imports down as text, of files that are not there.
      if (path?.endsWith(".ts") && existsSync(join(root, path))) waiting.push(path);
    }
  }
  return seen;
}

/** What files need: each need with the files that have it. */
export async function needsBelow(
  files: Iterable<string>,
): Promise<Map<string, Need & { by: string[] }>> {
  const all = new Map<string, Need & { by: string[] }>();
  for (const file of files) {
    for (const need of needsOf(await readCode(file))) {
      const key = `${need.kind} ${need.name}`;
      const known = all.get(key) ?? { ...need, by: [] };
      if (!known.by.includes(file)) known.by.push(file);
      all.set(key, known);
    }
  }
  return all;
}

/** A command of a task that runs code. */
export interface Command {
  readonly words: readonly string[];
  readonly grants: Grants;
}

/** The commands of a task that run code with Deno, those in $(...) too; NAME="..." is put in for $NAME. */
export function commandsOf(task: string): Command[] {
  const inner: string[] = [];
  const outer = task.replaceAll(/\$\(([^()]*)\)/g, (_, command: string) => {
    inner.push(command);
    return "PRINTED";
  });
  const set = new Map(
    Array.from(outer.matchAll(/(\w+)="([^"]*)"/g), ([, name, words]) => [name, words]),
  );
  const whole = outer.replaceAll(/\$(\w+)/g, (word, name) => set.get(name) ?? word);
  return [...inner, ...whole.split(/&&|\|\|?|;/)]
    .map((command) => command.trim().replace(/^\w+=\S+ (?=deno )/, "").split(/\s+/))
    .filter(([program, verb]) => program === "deno" && /^(run|test|eval|bench|serve)$/.test(verb))
    .map((words) => ({ words, grants: grantsOf(words) }));
}

/** The permissions in the words of a command. */
export function grantsOf(words: readonly string[]): Grants {
  const grants = new Map<Kind, Set<string>>();
  for (const word of words) {
    const [, kind, names] = /^--allow-(\w+)(?:=(.*))?$/.exec(word) ?? [];
    if (kind) grants.set(kind as Kind, new Set(names?.split(",") ?? [""]));
  }
  return grants;
}

/** Kinds of which code does not tell the names: files and addresses. */
const NAMELESS: readonly Kind[] = ["read", "write", "net"];

/** Whether one of the granted names covers a needed one; of files and addresses only the kind is known from code. */
export function covers(grants: Grants, { kind, name }: Need): boolean {
  const names = grants.get(kind);
  if (!names || names.has("") || NAMELESS.includes(kind)) return names !== undefined;
  return [...names].some((granted) =>
    granted === name || (granted.endsWith("*") && name.startsWith(granted.slice(0, -1)))
  );
}
