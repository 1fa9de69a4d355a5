import assert from "node:assert/strict";
import { putLoad } from "./load.ts";

Deno.test("putLoad keeps all clients busy, and counts what they get", async () => {
  let asked = 0;
  let active = 0;
  let most = 0;
  const load = await putLoad(4, 40, async () => {
    most = Math.max(most, ++active);
    await new Promise((resolve) => setTimeout(resolve, 5));
    active--;
    return ++asked % 10 === 0 ? 503 : 200;
  });
  assert.deepEqual([asked, most, load.failed, load.requests], [40, 4, 4, 40]);
  const { p50, p95, p99, max } = load.latency;
  assert.ok(p50 >= 4 && p50 <= p95 && p95 <= p99 && p99 <= max, JSON.stringify(load));
  assert.ok(max / 1000 <= load.seconds);
  await assert.rejects(putLoad(2, 1, () => Promise.resolve(200)), RangeError);
});
