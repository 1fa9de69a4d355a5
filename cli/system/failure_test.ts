import assert from "node:assert/strict";
import { join } from "node:path";
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
  const strange = fileError("read", "a", new Error("something else"));
  assert.equal(strange.message, "Cannot read a: something else");
});

Deno.test("fileError() says how to get a permission only where that helps", async () => {
  const denied = new Error("Permission denied (os error 13)");
  const said = (doing: string, path: string) => fileError(doing, path, denied).message;
  const folder = await Deno.makeTempDir({ prefix: "my runs " });
  try {
    const record = join(folder, "none", "run.json");
    const elsewhere =
      `permission denied as '${folder}' belongs to another user: choose another folder`;
    assert.equal(said("write", record), `Cannot write ${record}: ${elsewhere}`);
    assert.equal(said("lock", folder), `Cannot lock ${folder}: ${elsewhere}`);
    // What its owner may not write either can be opened by the owner.
    await Deno.chmod(folder, 0o555);
    const opened =
      `permission denied: choose another folder, or as its owner run: chmod u+w '${folder}'`;
    assert.equal(said("write", record), `Cannot write ${record}: ${opened}`);
    assert.equal(said("write into", folder), `Cannot write into ${folder}: ${opened}`);
    await Deno.chmod(folder, 0o755);
    const weights = join(folder, "o.safetensors");
    const owner = "permission denied: its owner can allow it with: chmod";
    assert.equal(
      said("read the weights", weights),
      `Cannot read the weights ${weights}: ${owner} a+rx '${folder}'`,
    );
    await Deno.writeTextFile(weights, "");
    assert.equal(
      said("read the weights", weights),
      `Cannot read the weights ${weights}: ${owner} a+r '${weights}'`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const kinds = [fileError("lock", "x", denied), fileError("read", "x", denied)];
  const readOnly = fileError("write", "a", new Error("Read-only file system (os error 30)"));
  assert.deepEqual([...kinds, readOnly].map(isReadOnly), [true, false, true]);
});

Deno.test("renderFailure() is one line, and the stack only when it is asked for", () => {
  const error = new Error("Cannot do this as\n  that is so", { cause: new Error("deep") });
  assert.equal(renderFailure(error, false), "error: Cannot do this as; that is so");
  assert.match(renderFailure(error, true), /failure_test.ts[^]*deep/);
  assert.equal(renderFailure("word", false), "error: word");
});
