import { createRandom } from "@realign/core";
import assert from "node:assert/strict";
import { readMessage } from "./read.ts";
import { writeMessage } from "./write.ts";

const schema = {
  Tree: {
    label: [1, "string"],
    weight: [2, "float"],
    exact: [3, "double"],
    count: [4, "int"],
    data: [5, "bytes"],
    children: [6, "Tree", "repeated"],
    sizes: [7, "int", "repeated"],
    rates: [8, "float", "repeated"],
    words: [15, "string", "repeated"],
    far: [20_000, "int"],
  },
} as const;

const read = (bytes: Uint8Array) => readMessage(schema, "Tree", bytes, "tree.bin");

const tree = {
  label: "häuser",
  weight: 0.5,
  exact: Math.PI,
  count: -7,
  data: Uint8Array.of(0, 255),
  children: [{ label: "" }, { sizes: [3], children: [{ count: 1 }] }],
  sizes: [0, 127, 128, 2 ** 40, -(2 ** 63), 2 ** 53 - 1],
  rates: [1, -2],
  words: ["a", ""],
  far: 5,
} as const;

Deno.test("readMessage() gives back what writeMessage() wrote", () => {
  assert.deepEqual(read(writeMessage(schema, "Tree", tree)), tree);
});

Deno.test("writeMessage() keeps to the published examples of the encoding", () => {
  // 150 in field 1, "testing" in field 2, 3 270 86942 packed in field 6.
  const published = {
    Test: { a: [1, "int"], b: [2, "string"], f: [6, "int", "repeated"] },
  } as const;
  const bytes = writeMessage(published, "Test", { a: 150, b: "testing", f: [3, 270, 86942] });
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  assert.equal(hex, "08 96 01 12 07 74 65 73 74 69 6e 67 32 06 03 8e 02 9e a7 05");
});

Deno.test("writeMessage() writes a map, a message of no fields and a field above 15 as worked out by hand", () => {
  const part = { Part: { numbers: [1, "int", "repeated"] } } as const;
  const model = {
    ...part,
    Entry: { key: [1, "string"], value: [2, "Part"] },
    Model: {
      number: [1, "int"],
      parts: [3, "Part", "repeated"],
      named: [4, "Entry", "repeated"],
      bytes: [16, "bytes"],
    },
  } as const;
  const message = {
    number: -2,
    parts: [{ numbers: [1, 300] }, {}],
    named: [{ key: "a", value: { numbers: [2 ** 40] } }],
    bytes: Uint8Array.of(7, 8),
  };
  const bytes = writeMessage(model, "Model", message);
  // From the encoding's definition: tags, lengths, varints of 7 bits, low ones first.
  assert.deepEqual([...bytes], [
    ...[0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    ...[0x1a, 0x05, 0x0a, 0x03, 0x01, 0xac, 0x02, 0x1a, 0x00],
    ...[0x22, 0x0d, 0x0a, 0x01, 0x61, 0x12, 0x08, 0x0a, 0x06, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20],
    ...[0x82, 0x01, 0x02, 7, 8],
  ]);
  assert.deepEqual(readMessage(model, "Model", bytes, "model.bin"), message);
  assert.equal(writeMessage(model, "Model", { parts: [], named: undefined }).length, 0);
  // Fixed numbers of 8 and 4 bytes, which the table lacks.
  const unknown = [0x78, 5, 0x71, 1, 2, 3, 4, 5, 6, 7, 8, 0x65, 1, 2, 3, 4, 0x08, 3];
  const read = readMessage(part, "Part", Uint8Array.from(unknown), "part.bin");
  assert.deepEqual(read, { numbers: [3] });
});

Deno.test("readMessage() takes repeated numbers one by one, and passes over unknown fields", () => {
  const bytes = Uint8Array.of(7 * 8, 1, 7 * 8, 2, 9 * 8, 1, 9 * 8 + 2, 1, 0, 9 * 8 + 5, 0, 0, 0, 0);
  assert.deepEqual(read(bytes), { sizes: [1, 2] });
});

Deno.test("readMessage() gives the ends of int64", () => {
  const ints = { Ints: { list: [1, "int", "repeated"] } } as const;
  const list = [2 ** 63, -(2 ** 63), -1];
  const bytes = writeMessage(ints, "Ints", { list });
  assert.deepEqual(readMessage(ints, "Ints", bytes, "ints").list, list);
  assert.throws(() => writeMessage(ints, "Ints", { list: [0.5] }), /current value is 0.5/);
});

Deno.test("readMessage() refuses what is damaged in one line", () => {
  const nested = (depth: number): Uint8Array => {
    let bytes: number[] = [];
    for (let k = 0; k < depth; k++) {
      const length = [
        bytes.length & 0x7f | 0x80,
        bytes.length >> 7 & 0x7f | 0x80,
        bytes.length >> 14,
      ];
      bytes = [6 * 8 + 2, ...length, ...bytes];
    }
    return Uint8Array.from(bytes);
  };
  const cases: [Uint8Array, RegExp][] = [
    [Uint8Array.of(10, 5, 1), /it is cut off: 5 bytes are stated at byte 2 of 3$/],
    [Uint8Array.of(10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), /it is cut off/],
    [new Uint8Array(20).fill(0xff), /has more than 10 bytes$/],
    [Uint8Array.of(32), /it is cut off/],
    [Uint8Array.of(2 * 8 + 5, 0, 0), /it is cut off/],
    [Uint8Array.of(9 * 8 + 3), /byte 1 is no field of a protocol buffer$/],
    [Uint8Array.of(8, 1), /"label" must be of wire type 2: it is of 0$/],
    [Uint8Array.of(7 * 8 + 2, 2, 0x80, 0x80, 1), /it is cut off/],
    [nested(2000), /messages more than 64 deep$/],
    [
      new Uint8Array(1_000_002).fill(0).map((_, k) => k % 2 ? 0 : 50),
      /more than 500000 messages$/,
    ],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => read(bytes), (error: Error) => {
      assert.match(error.message, message);
      assert.match(error.message, /^Cannot read tree\.bin as [^\n]*$/);
      return true;
    });
  }
  assert.ok(read(nested(60)));
});

Deno.test("readMessage() of 600 mutated files gives a message or one line", () => {
  const bytes = writeMessage(schema, "Tree", { ...tree, children: [tree, tree] });
  const random = createRandom(1);
  let refused = 0;
  for (let round = 0; round < 600; round++) {
    const mutated = bytes.slice(0, round % 3 ? bytes.length : random.integer(bytes.length));
    for (let k = 0; k <= round % 4 && mutated.length > 0; k++) {
      mutated[random.integer(mutated.length)] = random.integer(256);
    }
    try {
      read(mutated);
    } catch (error) {
      refused++;
      assert.match((error as Error).message, /^Cannot read tree\.bin as [^\n]+$/);
    }
  }
  assert.ok(refused > 150, `${refused} of 600 were refused`);
});
