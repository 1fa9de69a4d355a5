/**
 * Lists the entries of a zip file, from the directory at its end.
 *
 * @module
 */

const directoryEnd = 0x06054b50;
const directoryEntry = 0x02014b50;
/** The end's fixed part, and the longest comment that may follow it. */
const endLength = 22;
const longestComment = 0xffff;

/**
 * The names in a zip file, at most the first hundred.
 *
 * @param bytes The whole file
 * @returns Names; none if the directory is missing or damaged
 */
export function zipNames(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const least = Math.max(0, bytes.length - endLength - longestComment);
  let end = bytes.length - endLength;
  while (end >= least && view.getUint32(end, true) !== directoryEnd) end--;
  if (end < least) return [];
  const names: string[] = [];
  let position = view.getUint32(end + 16, true);
  // Of archives beyond 4 GiB the position stands elsewhere; the directory ends where its end begins.
  if (position === 0xffffffff) return [];
  while (names.length < 100 && position + 46 <= end) {
    if (view.getUint32(position, true) !== directoryEntry) break;
    const nameLength = view.getUint16(position + 28, true);
    const more = view.getUint16(position + 30, true) + view.getUint16(position + 32, true);
    const start = position + 46;
    names.push(new TextDecoder().decode(bytes.subarray(start, start + nameLength)));
    position = start + nameLength + more;
  }
  return names;
}
