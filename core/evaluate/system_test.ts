import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createToyTask } from "../testing/toy_task.ts";
import { createSystems } from "./system.ts";

await useTestBackend();

Deno.test("createSystems opens another target once, and anew where its images are normalised otherwise", async () => {
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(1));
  const opened: unknown[] = [];
  const openTarget = (settings: object) => {
    opened.push(settings);
    return Promise.resolve(task.createTarget("toy-net", createRandom(2)));
  };
  const plain = { weights: "o.safetensors" };
  const normalization = { mean: [0.5, 0.5, 0.5], deviation: [1, 1, 1] } as const;
  const own = { ...plain, normalization };
  const identity = [{ name: "identity" }];
  using systems = await createSystems({
    plain: { defenses: [], target: plain },
    same: { defenses: identity, target: plain },
    own: { defenses: [], target: own },
  }, { target, openTarget });
  assert.deepEqual(opened, [plain, own]);
  const [, one, same, other] = systems.list;
  assert.equal(one.target, same.target);
  assert.notEqual(one.target, other.target);
});
