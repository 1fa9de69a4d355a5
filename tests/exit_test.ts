import assert from "node:assert/strict";
import { join } from "node:path";

Deno.test("a program that chooses a backend and reads pictures comes to its end without a fault", async () => {
  const script = join(import.meta.dirname!, "exit", "reads_pictures.ts");
  const allowed = ["--allow-read", "--allow-write", "--allow-ffi", "--allow-env", "--allow-sys"];
  const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...allowed, script],
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.deepEqual([code, signal], [0, null], error);
  assert.match(out, /^\w+ \d+\n$/);
});
