import assert from "node:assert/strict";
import { assertTarget, assertTask } from "./members.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createToyTask } from "../testing/toy_task.ts";

Deno.test("assertTask and assertTarget take what keeps to the interface, and name what does not", async () => {
  await useTestBackend();
  const task = createToyTask();
  assertTask(task, "toy");
  for (const member of ["name", "classCount", "taskLoss", "augmentations", "createMetric"]) {
    for (const value of [undefined, null]) {
      assert.throws(
        () => assertTask({ ...task, [member]: value }, "toy"),
        new RegExp(`^TypeError: Cannot use the plugin "toy" .* must have ${member}, an? \\w+: `),
      );
    }
  }
  for (const value of [null, undefined, 3, Promise.resolve(task)]) {
    assert.throws(() => assertTask(value, "toy"), /createTask gives must be an object: current/);
  }
  using target = task.createTarget("toy-net", createRandom(1));
  assertTarget(target, "toy");
  const { name, parameters, forward } = target;
  assert.throws(() => assertTarget({ name, parameters }, "toy"), /must have forward, a function/);
  assert.throws(() => assertTarget({ name, parameters, forward }, "toy"), /\[Symbol\.dispose\]/);
});
