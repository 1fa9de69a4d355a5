import assert from "node:assert/strict";
import {
  exitCodeOf,
  fileError,
  Interrupted,
  isReadOnly,
  renderFailure,
  UsageError,
} from "./failure.ts";

Deno.test("exitCodeOf() is 2 for wrong usage, 130 or 143 after a signal and 1 for the rest", () => {
  assert.equal(exitCodeOf(new UsageError("x")), 2);
  assert.equal(exitCodeOf(new Interrupted("x", 130)), 130);
  assert.equal(exitCodeOf(new Interrupted("x", 143)), 143);
  assert.equal(exitCodeOf(new TypeError("x")), 1);
  assert.equal(exitCodeOf("x"), 1);
});

const strangeRead = fileError("read", "a", new Error("Permission denied"));
const readOnlyWrite = fileError("write", "a", new Error("Read-only file system"));

Deno.test("fileError() says in one line what to do", () => {
  const full = new Error("No space left on device (os error 28)");
  assert.equal(
    fileError("write", "runs/x/run.json", full).message,
    "Cannot write runs/x/run.json: the disk is full: free some space and run the command again",
  );
  const readOnly = new Error("Read-only file system (os error 30)");
  assert.match(
    fileError("write", "a", readOnly).message,
    /^Cannot write a: .*read-only.*another folder$/,
  );
  const denied = new Error("Permission denied (os error 13)");
  assert.equal(
    fileError("write", "my runs/x/run.json", denied).message,
    "Cannot write my runs/x/run.json: permission denied: choose another folder, or as its owner run: chmod u+w 'my runs/x'",
  );
  assert.equal(
    fileError("read the weights", "o.safetensors", denied).message,
    "Cannot read the weights o.safetensors: permission denied: its owner can allow it with: chmod a+r o.safetensors",
  );
  const lock = fileError("lock", "runs/x", denied);
  assert.match(lock.message, /chmod u\+w runs\/x$/);
  assert.deepEqual([lock, strangeRead, readOnlyWrite].map(isReadOnly), [true, false, true]);
  const strange = fileError("read", "a", new Error("something else"));
  assert.equal(strange.message, "Cannot read a: something else");
});

Deno.test("renderFailure() is one line, and the stack only when it is asked for", () => {
  const error = new Error("Cannot do this as\n  that is so", { cause: new Error("deep") });
  assert.equal(renderFailure(error, false), "error: Cannot do this as; that is so");
  assert.match(renderFailure(error, true), /failure_test.ts[^]*deep/);
  assert.equal(renderFailure("word", false), "error: word");
});
