import assert from "node:assert/strict";
import { alternate } from "./alternate.ts";

Deno.test("alternate() gives every side its turn and takes the median of a turn's runs", async () => {
  const turns: string[] = [];
  const contender = (name: string, seconds: number[]) => ({
    name,
    run: (count: number) => {
      turns.push(name);
      return Promise.resolve(seconds.slice(0, count));
    },
  });
  const rounds = await alternate([contender("a", [1, 9, 2]), contender("b", [5, 5, 5])], {
    rounds: 2,
    count: 3,
    pause: 0,
  });
  assert.deepEqual(turns, ["a", "b", "a", "b"]);
  assert.deepEqual(rounds, { a: [2, 2], b: [5, 5] });
});
