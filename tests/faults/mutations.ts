/**
 * Changes to bytes, by seed: what disks, networks and people do to files.
 *
 * @module
 */
import { createRandom, type Random } from "@realign/core";
import assert from "node:assert/strict";

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const SEED = 11;
/** Milliseconds after which reading a small file counts as hanging, on a busy machine too. */
const PATIENCE = 60_000;

/** Numbers on which readers stumble. */
const AWKWARD = ["-1", "1e999", "NaN", "null", "18446744073709551616", '""', "[]", "{", "\u0000"];
/** Words on which readers stumble. */
const WORDS = [
  "",
  "__proto__",
  "../../x",
  "/dev/zero",
  "<b>&amp;",
  "\ud800",
  "a\nb",
  "9".repeat(400),
];
/** Bytes from the beginning in which numbers and words are looked for. */
const TEXT = 2 ** 16;

const flip: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  for (let times = 1 + random.integer(4); times > 0; times--) {
    changed[random.integer(bytes.length)] ^= 1 << random.integer(8);
  }
  return changed;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.integer(bytes.length));

const blank: Mutation = (bytes, random) => {
  const start = random.integer(bytes.length);
  return bytes.slice().fill(random.integer(2) * 255, start, start + 1 + random.integer(64));
};

const repeat: Mutation = (bytes, random) => {
  const start = random.integer(bytes.length);
  const piece = bytes.slice(start, start + 1 + random.integer(64));
  return replaced(bytes, start, 0, piece);
};

const cut: Mutation = (bytes, random) =>
  replaced(bytes, random.integer(bytes.length), 1 + random.integer(64), new Uint8Array(0));

/** Puts something else in the place of what a pattern finds, where the bytes are text that has it. */
const replaceText = (pattern: RegExp, others: readonly string[]): Mutation => (bytes, random) => {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, TEXT));
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return flip(bytes, random);
  const { index, 0: { length } } = found[random.integer(found.length)];
  const other = new TextEncoder().encode(others[random.integer(others.length)]);
  return replaced(bytes, index, length, other);
};

const all = [
  flip,
  truncate,
  blank,
  repeat,
  cut,
  replaceText(/\d+(?:\.\d+)?/g, AWKWARD),
  replaceText(/(?<=")[^"\n]*(?=")/g, WORDS),
];

function replaced(bytes: Uint8Array, start: number, length: number, by: Uint8Array): Uint8Array {
  const end = Math.min(bytes.length, start + length);
  const changed = new Uint8Array(start + by.length + bytes.length - end);
  changed.set(bytes.subarray(0, start));
  changed.set(by, start);
  changed.set(bytes.subarray(end), start + by.length);
  return changed;
}

/**
 * Changes bytes in one of several ways; the original stays.
 *
 * @param bytes Not empty
 * @param what Names the series of changes
 * @param turn Which of the series
 */
export function mutate(bytes: Uint8Array, what: string, turn: number): Uint8Array<ArrayBuffer> {
  const random = createRandom(SEED, what, turn);
  return new Uint8Array(all[random.integer(all.length)](bytes, random));
}

/** What JavaScript itself says where code has not looked at what it was given; it begins as our errors do. */
const CRASHES =
  /^Cannot (read properties|set propert|destructure|convert (a|an|undefined|null|object|Symbol)\b|mix BigInt|create property|assign to|access '|perform |use 'in')/;

/** Fails unless a message is one line that says what cannot be done. */
export function assertOneLine(message: string, what: string): void {
  assert.match(message, /^Cannot [^\n]+$/, what);
  assert.doesNotMatch(message, CRASHES, what);
}

/** Fails unless a command that could not do its work has told so in the last line alone. */
export function assertRefused(ended: { code: number; error: string }, what: string): void {
  assert.equal(ended.code, 1, `${what}: ${ended.error}`);
  const lines = ended.error.trimEnd().split("\n");
  for (const line of lines.slice(0, -1)) assert.doesNotMatch(line, /^(error|\s+at )/, what);
  assert.match(lines.at(-1)!, /^error: /, what);
  assertOneLine(lines.at(-1)!.slice("error: ".length), what);
}

/** Fails unless a promise ends soon, and if it fails, with one line. */
async function endsWell(promise: Promise<unknown>, what: string): Promise<"valid" | "refused"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new assert.AssertionError({ message: `${what} hangs` });
    timer = setTimeout(() => reject(error), PATIENCE);
  });
  try {
    await Promise.race([promise, late]);
    return "valid";
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof Error, `${what}: ${error}`);
    try {
      assertOneLine(error.message, what);
    } catch (failure) {
      throw Object.assign(failure as Error, { cause: error });
    }
    return "refused";
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Tries mutations of files; some must be noticed.
 *
 * @param times How many
 * @param what Names them
 * @param originals The files, which take turns
 * @param use Reads the changed one, or fails
 */
export async function tryAll(
  times: number,
  what: string,
  originals: readonly Uint8Array[],
  use: (changed: Uint8Array<ArrayBuffer>, which: number) => Promise<unknown>,
): Promise<void> {
  let refused = 0;
  for (let turn = 0; turn < times; turn++) {
    const which = turn % originals.length;
    const changed = mutate(originals[which], what, turn);
    if (await endsWell(use(changed, which), `${what} ${turn}`) === "refused") refused++;
  }
  assert.ok(refused > times / 10, `${refused} of ${times} were noticed`);
}
