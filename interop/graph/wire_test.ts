import assert from "node:assert/strict";
import { many, mapOf, one, readMessage, type Schema, writeMessage } from "./wire.ts";

const schema: Schema = {
  Model: {
    1: one("number", "int"),
    2: one("name", "text"),
    3: many("parts", "Part"),
    4: mapOf("named", "Part"),
    5: many("floats", "float"),
    16: one("bytes", "bytes"),
  },
  Part: { 1: many("numbers", "int") },
};

Deno.test("messages are written as protocol buffers define them, and read back", () => {
  const model = {
    number: -2,
    name: "å",
    parts: [{ numbers: [1, 300] }, { numbers: [] }],
    named: { a: { numbers: [2 ** 40] } },
    floats: [0.5, -1],
    bytes: Uint8Array.of(7, 8),
  };
  const bytes = writeMessage(schema, "Model", model);
  // Worked out by hand from the encoding's definition: tags, lengths, varints of 7 bits, low ones first.
  const expected = [
    ...[0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    ...[0x12, 0x02, 0xc3, 0xa5],
    ...[0x1a, 0x05, 0x0a, 0x03, 0x01, 0xac, 0x02, 0x1a, 0x00],
    ...[0x22, 0x0d, 0x0a, 0x01, 0x61, 0x12, 0x08, 0x0a, 0x06, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20],
    ...[0x2a, 0x08, 0, 0, 0, 0x3f, 0, 0, 0x80, 0xbf],
    ...[0x82, 0x01, 0x02, 7, 8],
  ];
  assert.deepEqual([...bytes], expected);
  assert.deepEqual(readMessage(schema, "Model", bytes), model);
});

Deno.test("fields that the table lacks are passed over, and numbers need not be packed", () => {
  const unknown = [0x78, 5, 0x71, 1, 2, 3, 4, 5, 6, 7, 8, 0x6a, 1, 9, 0x65, 1, 2, 3, 4];
  const bytes = Uint8Array.of(...unknown, 0x08, 3, 0x08, 4);
  assert.deepEqual(readMessage(schema, "Part", bytes), { numbers: [3, 4] });
});

Deno.test("what ends within a field, or is no protocol buffer, is refused", () => {
  const bytes = writeMessage(schema, "Model", { name: "abc", floats: [1, 2] });
  for (const end of [1, 3, bytes.length - 1]) {
    const cut = bytes.subarray(0, end);
    assert.throws(() => readMessage(schema, "Model", cut), /^RangeError: .* as it is cut off/);
  }
  assert.throws(() => readMessage(schema, "Part", Uint8Array.of(0x7f)), /no protocol buffer/);
});
