import assert from "node:assert/strict";
import { startTask } from "../../cli/testing.ts";

Deno.test("keep-result loads nothing that its permissions forbid, and names what a folder lacks", async () => {
  const { code, stderr } = await startTask("keep-result", ["none", "name"]).output();
  assert.equal(code, 1);
  assert.equal(
    new TextDecoder().decode(stderr).trim(),
    "error: Cannot keep none as it has no run.json: evaluate the run first",
  );
});
