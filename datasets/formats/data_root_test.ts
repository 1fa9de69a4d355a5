import assert from "node:assert/strict";
import { join, resolve, sep } from "node:path";
import { isInside } from "./data_root.ts";

Deno.test("isInside() takes what is in a folder, that of all folders included, and nothing beside it", () => {
  const root = resolve(sep);
  const folder = join(root, "data");
  assert.ok(isInside(root, join(root, "a.png")));
  assert.ok(isInside(root, root));
  assert.ok(isInside(folder, join(folder, "deep", "a.png")));
  assert.ok(isInside(folder, folder));
  assert.ok(!isInside(folder, join(root, "database", "a.png")));
  assert.ok(!isInside(folder, root));
});
