import assert from "node:assert/strict";
import { benches, defaultBenches } from "./table.ts";

Deno.test("benches without peers run only by name, those with data only where there is some", () => {
  assert.ok(!defaultBenches("data").includes("defenses"));
  assert.ok("defenses" in benches);
  assert.ok(defaultBenches("data").includes("autoattack-data"));
  assert.ok(!defaultBenches(undefined).includes("autoattack-data"));
  assert.ok(defaultBenches(undefined).includes("step"));
});
