/**
 * Other projects that results are held against, by way of a Python that has them: `REALIGN_PYTHON`, or
 * python3. Where it has not, a check is skipped, and its name says so.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";

const python = Deno.env.get("REALIGN_PYTHON") ?? "python3";

/** A test's name and whether it is skipped, by what it needs. */
export async function needing(
  modules: readonly string[],
  name: string,
): Promise<Pick<Deno.TestDefinition, "name" | "ignore">> {
  const missing = await missingOf(modules);
  if (missing.length === 0) return { name, ignore: false };
  const reason = `skipped: ${python} has no ${missing.join(", ")}; set REALIGN_PYTHON`;
  return { name: `${name} (${reason})`, ignore: true };
}

async function missingOf(modules: readonly string[]): Promise<readonly string[]> {
  const code =
    "import importlib.util as u, sys; print(*(m for m in sys.argv[1:] if not u.find_spec(m)))";
  try {
    const command = new Deno.Command(python, { args: ["-c", code, ...modules] });
    const { success, stdout } = await command.output();
    if (!success) return modules;
    return new TextDecoder().decode(stdout).split(/\s+/).filter((word) => word !== "");
  } catch {
    return modules;
  }
}

/** What a script of `tests/peers` answers: JSON in, JSON out. */
export async function askPeer<Answer>(script: string, request: unknown): Promise<Answer> {
  const child = new Deno.Command(python, {
    args: ["-B", join(import.meta.dirname!, "peers", script)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(request)));
  await writer.close();
  const { success, stdout, stderr } = await output;
  assert.ok(success, `${script} failed: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
