import assert from "node:assert/strict";
import { AGAIN, Interrupted } from "./failure.ts";
import { Interruption } from "./interruption.ts";

const ended = (error: unknown) => error instanceof Interrupted && error.exitCode === AGAIN;

Deno.test("Interruption.endAfter ends the work once its time is over, to be started again", async () => {
  const told: string[] = [];
  using interruption = new Interruption((text) => told.push(text));
  interruption.hold();
  interruption.endAfter(0.05 / 3600, "over");
  await interruption.check();
  assert.equal(interruption.exitCode, undefined);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await assert.rejects(interruption.check(), ended);
  await assert.rejects(interruption.pause(), ended);
  assert.deepEqual([interruption.exitCode, told], [AGAIN, ["over"]]);
  interruption.end("again");
  assert.deepEqual(told, ["over"], "it ends once");
});

Deno.test("Interruption forgets a time that it was disposed before", async () => {
  const told: string[] = [];
  {
    using interruption = new Interruption((text) => told.push(text));
    interruption.hold();
    interruption.endAfter(0.02 / 3600, "over");
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(told, []);
});
