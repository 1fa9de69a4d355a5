/**
 * Changes to bytes, by seed: what disks, networks and people do to files.
 *
 * @module
 */
import type { Random } from "@realign/core";

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

/** Numbers on which readers stumble. */
const AWKWARD = ["-1", "1e999", "NaN", "null", "18446744073709551616", '""', "[]", "{", "\u0000"];

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
  const piece = bytes.subarray(start, start + 1 + random.integer(64));
  return Uint8Array.from([...bytes.subarray(0, start), ...piece, ...bytes.subarray(start)]);
};

const cut: Mutation = (bytes, random) => {
  const start = random.integer(bytes.length);
  const end = start + 1 + random.integer(64);
  return Uint8Array.from([...bytes.subarray(0, start), ...bytes.subarray(end)]);
};

/** Puts an awkward value in the place of a number, where the bytes are text that has one. */
const replaceNumber: Mutation = (bytes, random) => {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 4096));
  const numbers = [...text.matchAll(/\d+(?:\.\d+)?/g)];
  if (numbers.length === 0) return flip(bytes, random);
  const { index, 0: { length } } = numbers[random.integer(numbers.length)];
  const value = new TextEncoder().encode(AWKWARD[random.integer(AWKWARD.length)]);
  return Uint8Array.from([
    ...bytes.subarray(0, index),
    ...value,
    ...bytes.subarray(index + length),
  ]);
};

const all = [flip, truncate, blank, repeat, cut, replaceNumber];

/** Changes bytes in one of several ways; the original stays. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  return new Uint8Array(all[random.integer(all.length)](bytes, random));
}
