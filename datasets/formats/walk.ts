/**
 * Lists the files below folders, each real file once, however many links lead to it.
 *
 * @module
 */
import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DataRoot } from "./data_root.ts";
import { askFiles, identityOf } from "./identity.ts";
import { reasonOf } from "./reason.ts";

/** Why an entry was ignored. */
export type Reason = "again" | "outside" | "broken" | "special";

/** A folder's files. */
export interface Walked {
  /** Paths below the root with "/", sorted; hidden ones left out. */
  readonly files: readonly string[];
  /** Ignored entries, with the reason. */
  readonly left: ReadonlyMap<string, Reason>;
}

/**
 * Lists the files in folders and all below them. A file counts at its real location; if that is in none of the
 * folders, the first link to it counts. Each folder is entered once, so circular links end.
 *
 * @param root The data set's folder
 * @param folders Paths below it with "/"; "" for itself. A missing folder has no files
 * @returns The content of each folder, in order
 * @throws {Error} If a folder cannot be read; one line that names it
 */
export async function walkFolders(root: DataRoot, folders: readonly string[]): Promise<Walked[]> {
  const walk = new Walk(root);
  return await walk.run(folders);
}

/** Describes what was ignored, one note per reason. */
export function linkNotes(walked: readonly Walked[]): string[] {
  const texts: Readonly<Record<Reason, string>> = {
    again: "links to files or folders that are already counted are ignored",
    outside: "links out of the folder are ignored (--dataset.options.follow=true follows them)",
    broken: "broken links are ignored",
    special: "pipes and devices are ignored",
  };
  const all = walked.flatMap(({ left }) => [...left]);
  return (Object.keys(texts) as Reason[]).flatMap((reason) => {
    const paths = all.filter(([, other]) => other === reason).map(([path]) => path);
    return paths.length === 0 ? [] : [`${paths.length} ${texts[reason]}, e.g. ${paths[0]}`];
  });
}

interface Place {
  readonly files: string[];
  readonly left: Map<string, Reason>;
}

class Walk {
  readonly #root: DataRoot;
  readonly #seenFiles = new Set<string>();
  readonly #seenFolders = new Set<string>();
  readonly #links: { readonly path: string; readonly place: Place }[] = [];

  constructor(root: DataRoot) {
    this.#root = root;
  }

  async run(folders: readonly string[]): Promise<Place[]> {
    const real = await this.#root.real().catch(() => undefined);
    const places = folders.map((): Place => ({ files: [], left: new Map() }));
    if (real === undefined) return places;
    for (const [index, path] of folders.entries()) {
      // A link to a parent folder is circular.
      const whole = join(real, path);
      for (let above = dirname(whole); above.length >= real.length; above = dirname(above)) {
        this.#seenFolders.add(above);
      }
      const own = await realpath(whole).catch(() => undefined);
      if (own === undefined) continue;
      if (own === whole) await this.#enter(path, own, places[index]);
      else this.#links.push({ path, place: places[index] });
    }
    // Links last: their targets may be in a folder that is listed itself. The list grows on the way.
    for (let at = 0; at < this.#links.length; at++) {
      const { path, place } = this.#links[at];
      await this.#follow(path, place);
    }
    for (const { files } of places) files.sort();
    return places;
  }

  async #enter(path: string, real: string, place: Place): Promise<void> {
    if (this.#seenFolders.has(real)) {
      place.left.set(path, "again");
      return;
    }
    this.#seenFolders.add(real);
    const entries = await readdir(real, { withFileTypes: true }).catch((error) => {
      throw new Error(`Cannot read ${join(this.#root.path, path)}: ${reasonOf(error)}`);
    });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(real, name));
    const identities = await identitiesOf(files);
    for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (entry.name.startsWith(".")) continue;
      const below = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isSymbolicLink()) this.#links.push({ path: below, place });
      else if (entry.isDirectory()) await this.#enter(below, join(real, entry.name), place);
      else if (entry.isFile()) this.#claim(below, identities.get(join(real, entry.name)), place);
      else place.left.set(below, "special");
    }
  }

  async #follow(path: string, place: Place): Promise<void> {
    const whole = join(this.#root.path, path);
    const real = await realpath(whole).catch(() => undefined);
    const found = real === undefined ? undefined : await stat(real).catch(() => undefined);
    if (real === undefined || found === undefined) place.left.set(path, "broken");
    else if (!this.#root.follow && !await this.#root.holds(real)) place.left.set(path, "outside");
    else if (found.isDirectory()) await this.#enter(path, real, place);
    else if (found.isFile()) this.#claim(path, identityOf(real, found), place);
    else place.left.set(path, "special");
  }

  /** `identity` is undefined for a file that has gone meanwhile. */
  #claim(path: string, identity: string | undefined, place: Place): void {
    if (identity === undefined) place.left.set(path, "broken");
    else if (this.#seenFiles.has(identity)) place.left.set(path, "again");
    else {
      this.#seenFiles.add(identity);
      place.files.push(path);
    }
  }
}

/** Identities of files, by their real paths; those of files that have gone are left out. */
async function identitiesOf(paths: readonly string[]): Promise<Map<string, string>> {
  const identities = new Map<string, string>();
  await askFiles(paths, async (path) => {
    const found = await stat(path).catch(() => undefined);
    if (found) identities.set(path, identityOf(path, found));
  });
  return identities;
}
