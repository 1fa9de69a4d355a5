import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { HostTensor } from "./parameters.ts";
import { createRandom } from "../random.ts";
import { formatSafetensors, parseSafetensors } from "./safetensors.ts";

const someTensors = (): Map<string, HostTensor> =>
  new Map([
    ["b", { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, 6) }],
    ["a", { shape: [], data: Float32Array.of(7) }],
    ["none", { shape: [0, 4], data: new Float32Array() }],
  ]);

/** A file with any header before any data. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** A file of one tensor "t". */
function single(dtype: string, shape: readonly number[], data: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return file({ t: { dtype, shape, data_offsets: [0, bytes.length] } }, bytes);
}

const read = (
  bytes: Uint8Array,
) => [...parseSafetensors(bytes, "t.safetensors").tensors.get("t")!.data];

Deno.test("formatSafetensors writes what parseSafetensors reads, in the same order", () => {
  const tensors = someTensors();
  const metadata = { step: "12", ["__proto__"]: "x", note: 'two\nlines, "quotes"' };
  const content = parseSafetensors(formatSafetensors(tensors, metadata), "x");
  assert.deepEqual([...content.tensors], [...tensors]);
  assert.deepEqual(content.metadata, metadata);
});

Deno.test("formatSafetensors puts the numbers at an address that 8 divides", () => {
  for (let length = 0; length < 9; length++) {
    const bytes = formatSafetensors(
      new Map([["x".repeat(length), { shape: [1], data: new Float32Array(1) }]]),
      {},
    );
    assert.equal((bytes.length - 4) % 8, 0);
  }
});

Deno.test("formatSafetensors keeps a tensor named as a property of every object", () => {
  const tensors = new Map([["__proto__", { shape: [1], data: Float32Array.of(3) }]]);
  assert.deepEqual([...parseSafetensors(formatSafetensors(tensors, {}), "x").tensors], [
    ...tensors,
  ]);
});

Deno.test("formatSafetensors refuses shapes that do not fit and the format's own name", () => {
  const data = new Float32Array(3);
  assert.throws(
    () => formatSafetensors(new Map([["w", { shape: [2], data }]]), {}),
    /"w" must have 2 numbers/,
  );
  assert.throws(
    () => formatSafetensors(new Map([["__metadata__", { shape: [3], data }]]), {}),
    TypeError,
  );
});

Deno.test("parseSafetensors reads a file that does not start at its buffer's beginning", () => {
  const bytes = formatSafetensors(someTensors(), {});
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assert.deepEqual([...parseSafetensors(shifted.subarray(3), "x").tensors], [...someTensors()]);
  const buffer = Buffer.from(shifted.buffer).subarray(3);
  assert.deepEqual([...parseSafetensors(buffer, "x").tensors], [...someTensors()]);
});

Deno.test("parseSafetensors turns every number format into float32", () => {
  assert.deepEqual(read(single("F64", [2], Float64Array.of(0.5, -3))), [0.5, -3]);
  assert.deepEqual(read(single("I64", [2], BigInt64Array.of(391n, -2n))), [391, -2]);
  assert.deepEqual(read(single("I32", [1], Int32Array.of(-70000))), [-70000]);
  assert.deepEqual(read(single("I16", [1], Int16Array.of(-300))), [-300]);
  assert.deepEqual(read(single("I8", [1], Int8Array.of(-3))), [-3]);
  assert.deepEqual(read(single("U8", [2], Uint8Array.of(3, 255))), [3, 255]);
  assert.deepEqual(read(single("BOOL", [2], Uint8Array.of(0, 1))), [0, 1]);
  assert.deepEqual(read(single("BF16", [3], Uint16Array.of(0x3f80, 0xc040, 0x7f80))), [
    1,
    -3,
    Infinity,
  ]);
  const halves = Uint16Array.of(
    0x3c00,
    0xc200,
    0x3555,
    0x0001,
    0x03ff,
    0x7bff,
    0x8000,
    0xfc00,
    0x7e00,
  );
  const values = [1, -3, 0.333251953125, 2 ** -24, 1023 * 2 ** -24, 65504, -0, -Infinity, NaN];
  assert.deepEqual(read(single("F16", [9], halves)), values);
});

Deno.test("parseSafetensors refuses numbers that float32 cannot come near to", () => {
  assert.throws(
    () => read(single("F64", [1], Float64Array.of(1e300))),
    /"t" must hold numbers that fit into float32: it holds 1e\+300/,
  );
  assert.throws(
    () => read(single("I64", [1], BigInt64Array.of(2n ** 60n))),
    /"t" must hold numbers below 2\^53/,
  );
});

const t = (more: Record<string, unknown>) => ({
  t: { dtype: "F32", shape: [1], data_offsets: [0, 4], ...more },
});
const four = new Uint8Array(4);
const faults: Readonly<Record<string, [bytes: Uint8Array, reason: RegExp]>> = {
  "an empty file": [new Uint8Array(), /must have at least 8 bytes: it has 0$/],
  "a header beyond the end": [
    file("{}").subarray(0, 9),
    /its header must have at most 1 bytes: it states 2/,
  ],
  "a header of 2^64 - 1 bytes": [new Uint8Array(64).fill(255), /it states 18446744073709551615/],
  "a header that is no JSON": [file("{a"), /its header is no JSON text$/],
  "a header that is no UTF-8": [
    file("{}").map((byte, index) => index === 9 ? 0xff : byte),
    /no JSON text$/,
  ],
  "a header that is a list": [file([1]), /its header must be a JSON object$/],
  "metadata that are no strings": [
    file({ __metadata__: { a: 1 } }),
    /"__metadata__" must hold only strings$/,
  ],
  "a tensor that is no object": [file({ t: 3 }), /"t" must be described by a JSON object$/],
  "an unknown number format": [file(t({ dtype: "F8_E4M3" }), four), /current dtype is "F8_E4M3"$/],
  "a number format named as a method": [
    file(t({ dtype: "toString" }), four),
    /current dtype is "toString"$/,
  ],
  "a negative size": [file(t({ shape: [-1, -1] }), four), /the shape of "t" must be/],
  "a fractional size": [file(t({ shape: [0.5, 2] }), four), /the shape of "t" must be/],
  "sizes whose product overflows": [
    file(t({ shape: [2 ** 52, 2 ** 52] }), four),
    /"t" must have .* bytes for F32/,
  ],
  "one offset": [file(t({ data_offsets: [4] }), four), /the data_offsets of "t" must be/],
  "offsets the wrong way": [
    file(t({ data_offsets: [4, 0] }), four),
    /the data_offsets of "t" must be/,
  ],
  "a span of another size": [
    file(t({ shape: [2] }), four),
    /"t" must have 8 bytes for F32 \[2\]: it has 4$/,
  ],
  "a span beyond the end": [
    file(t({ data_offsets: [0, 4] })),
    /its data must have 4 bytes: it has 0$/,
  ],
  "a gap": [
    file(t({ data_offsets: [4, 8] }), new Uint8Array(8)),
    /"t" must begin at byte 0 of the data: it begins at 4$/,
  ],
  "an overlap": [
    file({ ...t({}), u: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }, four),
    /"u" must begin at byte 4 of the data: it begins at 0$/,
  ],
  "bytes at the end": [file(t({}), new Uint8Array(5)), /its data must have 4 bytes: it has 5$/],
  "a name that is there twice": [
    file(
      `{"t":${JSON.stringify(t({}).t)},"t":${JSON.stringify(t({ data_offsets: [4, 8] }).t)}}`,
      new Uint8Array(8),
    ),
    /"t" must begin at byte 0 of the data: it begins at 4$/,
  ],
  "a name of several lines": [file({ "a\nb": 1 }), /as "a b" must be described/],
};

for (const [fault, [bytes, reason]] of Object.entries(faults)) {
  Deno.test(`parseSafetensors refuses ${fault}`, () => {
    assert.throws(() => parseSafetensors(bytes, "t.safetensors"), (error: Error) => {
      assert.match(error.message, /^Cannot read the weights of t\.safetensors as .*$/);
      assert.match(error.message, reason);
      return true;
    });
  });
}

/** Either reads a damaged file or says in one line that it cannot. */
function assertNoCrash(bytes: Uint8Array): void {
  try {
    parseSafetensors(bytes, "x");
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.match(error.message, /^Cannot read the weights of x as [^\n]*$/);
  }
}

Deno.test("parseSafetensors refuses a file that is cut off anywhere", () => {
  const bytes = formatSafetensors(someTensors(), { step: "1" });
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(
      () => parseSafetensors(bytes.subarray(0, length), "x"),
      /^Error: Cannot read the weights of x as /,
    );
  }
});

Deno.test("parseSafetensors survives changed, added and removed bytes", () => {
  const bytes = formatSafetensors(someTensors(), { step: "1" });
  for (let trial = 0; trial < 2000; trial++) {
    const random = createRandom(3, trial);
    const mutated = [...bytes];
    for (let change = random.integer(4); change >= 0; change--) {
      const byte = random.next() < 0.5 ? random.integer(256) : bytes[random.integer(bytes.length)];
      // Mostly in the header: changed numbers are numbers still.
      const position = random.integer(random.next() < 0.8 ? bytes.length - 28 : bytes.length);
      mutated.splice(position, random.integer(3), ...random.next() < 0.7 ? [byte] : []);
    }
    assertNoCrash(Uint8Array.from(mutated));
  }
});

Deno.test("parseSafetensors survives a header deeply nested, or with a very long name", () => {
  for (const part of ["a", "\\n"]) assertNoCrash(file(`{"${part.repeat(4_000_000)}":{}}`));
  assertNoCrash(file("[".repeat(200_000)));
  assertNoCrash(file(`{"t":${"[".repeat(100_000)}${"]".repeat(100_000)}}`));
});
