/**
 * Why a file or folder cannot be read, in words.
 *
 * @module
 */

/** The first line of what went wrong, without the system's abbreviations. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/\bENOENT\b/.test(message)) return "there is no such file";
  if (/\b(EACCES|EPERM)\b/.test(message)) {
    return "this user may not read it: change its permissions, or choose another folder";
  }
  return message.trim().split("\n")[0];
}
