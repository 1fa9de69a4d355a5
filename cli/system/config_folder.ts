/**
 * Where a user's own settings are kept.
 *
 * @module
 */
import { isAbsolute, join } from "node:path";

/** Folders of users that the system names, in environment variables. */
type Lookup = (name: string) => string | undefined;

/**
 * The user's configuration folder for Realign: `XDG_CONFIG_HOME/realign` or what the platform has.
 *
 * @param read Reads an environment variable
 * @param os The platform
 * @returns An absolute path; undefined where the system names no folder of the user
 */
export function configFolder(
  read: Lookup = readVariable,
  os: typeof Deno.build.os = Deno.build.os,
): string | undefined {
  // A relative path means another folder in each folder: the XDG specification has it ignored.
  const first = (...names: string[]) => names.map(read).find((path) => path && isAbsolute(path));
  const named = first("XDG_CONFIG_HOME");
  if (named) return join(named, "realign");
  if (os === "windows") {
    const folder = first("LOCALAPPDATA", "USERPROFILE");
    return folder && join(folder, "realign", "config");
  }
  const home = first("HOME");
  return home && join(home, os === "darwin" ? "Library/Application Support" : ".config", "realign");
}

/** An environment variable; undefined also where it may not be read. */
function readVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
