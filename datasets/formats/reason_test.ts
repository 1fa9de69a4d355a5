import assert from "node:assert/strict";
import { reasonOf } from "./reason.ts";

Deno.test("reasonOf() says in words what the system abbreviates", () => {
  assert.match(
    reasonOf(new Error("EACCES: permission denied, scandir '/a'")),
    /^this user may not read it/,
  );
  assert.equal(
    reasonOf(new Error("ENOENT: no such file or directory, open '/a'")),
    "there is no such file",
  );
  assert.equal(reasonOf(new Error("Input buffer is empty\nmore")), "Input buffer is empty");
  assert.equal(reasonOf("odd"), "odd");
});
