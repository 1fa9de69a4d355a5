/**
 * Which machine this is, for files that several machines see.
 *
 * @module
 */

/** The machine's name; "?" where it may not be asked. */
export function hostName(): string {
  try {
    return Deno.hostname();
  } catch {
    return "?";
  }
}

/** What tells a machine from others of its name, where the system has it. */
const ID = "/etc/machine-id";

/** What processes of this machine have in common, and those of others have not. */
export async function machineId(): Promise<string> {
  const id = await Deno.readTextFile(ID).then((text) => text.trim(), () => "");
  return `${hostName()} ${id}`;
}
