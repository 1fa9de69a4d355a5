import type { Example } from "@realign/core";
import assert from "node:assert/strict";
import { remember } from "./remember.ts";
import { plain } from "./testing.ts";

/** A reader that writes down what it is asked for. */
function reader() {
  const asked: number[] = [];
  const read = (index: number): Promise<Example<number>> => {
    asked.push(index);
    return Promise.resolve({ id: `${index}`, picture: plain(1, 1, [1, 2, 3]), annotation: index });
  };
  return { asked, read };
}

Deno.test("remember reads what fits once, and forgets what was asked for longest ago", async () => {
  const { asked, read } = reader();
  const reading = remember(read, () => 10, 30);
  for (const index of [0, 1, 2, 0, 1, 2]) {
    assert.equal((await reading(index)).annotation, index);
  }
  assert.deepEqual(asked, [0, 1, 2]);
  await reading(0);
  await reading(3); // 1 goes
  for (const index of [2, 0, 3, 1]) await reading(index);
  assert.deepEqual(asked, [0, 1, 2, 3, 1]);
});

Deno.test("remember counts an example that is read twice at once only once", async () => {
  const { asked, read } = reader();
  const reading = remember(read, () => 10, 20);
  await Promise.all([reading(0), reading(0)]);
  await reading(1);
  await reading(0);
  await reading(1);
  assert.deepEqual(asked, [0, 0, 1]);
});

Deno.test("remember passes on what is too large, and errors", async () => {
  const { asked, read } = reader();
  const reading = remember(read, ({ annotation }) => annotation, 5);
  await reading(9);
  await reading(9);
  assert.deepEqual(asked, [9, 9]);
  const failing = remember(() => Promise.reject(new Error("Cannot read 1")), () => 1);
  await assert.rejects(failing(1), /Cannot read 1/);
  await assert.rejects(failing(1), /Cannot read 1/);
});
