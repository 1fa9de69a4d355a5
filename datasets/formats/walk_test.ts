import assert from "node:assert/strict";
import { link, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { assertRejects, withFolder } from "../testing.ts";
import { DataRoot } from "./data_root.ts";
import { linkNotes, walkFolders } from "./walk.ts";

Deno.test("walkFolders ends where links go in circles, and counts each file once", async () => {
  await withFolder({ "a/1": "", "a/deep/2": "", "b/3": "", "pool/4": "" }, async (root) => {
    await symlink("..", join(root, "a/deep/circle"));
    await symlink("../..", join(root, "a/deep/up"));
    await symlink("../b/3", join(root, "a/0"));
    await symlink("../pool/4", join(root, "b/first"));
    await symlink("../pool", join(root, "b/second"));
    await symlink("nowhere", join(root, "b/broken"));
    const [a, b] = await walkFolders(new DataRoot(root), ["a", "b"]);
    assert.deepEqual(a.files, ["a/1", "a/deep/2"]);
    assert.deepEqual([...a.left], [
      ["a/0", "again"],
      ["a/deep/circle", "again"],
      ["a/deep/up", "again"],
    ]);
    assert.deepEqual(b.files, ["b/3", "b/first"]);
    assert.deepEqual([...b.left], [["b/broken", "broken"], ["b/second/4", "again"]]);
    assert.deepEqual(linkNotes([a, b]), [
      "4 links to files or folders that are already counted are ignored, e.g. a/0",
      "1 broken links are ignored, e.g. b/broken",
    ]);
  });
});

Deno.test("walkFolders leaves a folder only where it is told to follow", async () => {
  await withFolder({ "set/a/1": "", "other/2": "", "other/deep/3": "" }, async (root) => {
    await symlink("../../other", join(root, "set/a/link"));
    await symlink("../../other/2", join(root, "set/a/file"));
    const [kept] = await walkFolders(new DataRoot(join(root, "set")), ["a"]);
    assert.deepEqual(kept.files, ["a/1"]);
    assert.match(linkNotes([kept]).join(), /^2 links out of the folder are ignored .*follow=true/);
    const followed = new DataRoot(join(root, "set"), { follow: true });
    const [all] = await walkFolders(followed, ["a"]);
    assert.deepEqual(all.files, ["a/1", "a/file", "a/link/deep/3"]);
  });
});

Deno.test("walkFolders takes a root that is a link itself, and no folder at all", async () => {
  await withFolder({ "real/a/1": "" }, async (root) => {
    await symlink("real", join(root, "link"));
    const [there, absent] = await walkFolders(new DataRoot(join(root, "link")), ["a", "b"]);
    assert.deepEqual([there.files, absent.files], [["a/1"], []]);
  });
  assert.deepEqual((await walkFolders(new DataRoot("nowhere"), ["a"]))[0].files, []);
});

Deno.test("DataRoot tells a file inside from one outside, also below linked folders", async () => {
  await withFolder({ "set/a/1": "", "setup/2": "" }, async (root) => {
    await mkdir(join(root, "set/b"));
    await symlink("../../setup", join(root, "set/b/out"));
    await symlink("../a", join(root, "set/b/in"));
    const place = new DataRoot(join(root, "set"));
    assert.match(await place.locate(join(root, "set/b/in/1")), /set.a.1$/);
    await assertRejects(place.locate(join(root, "set/b/out/2")), /is outside of .*follow=true/);
  });
});

Deno.test("walkFolders lists the root itself, by any name", async () => {
  await withFolder({ "1": "", "a/2": "" }, async (root) => {
    const list = async (folder: string) =>
      (await walkFolders(new DataRoot(root), [folder]))[0].files;
    assert.deepEqual(await list(""), ["1", "a/2"]);
    assert.deepEqual(await list("."), ["./1", "./a/2"]);
  });
});

Deno.test("walkFolders counts a file of several names once, and one whose other name is elsewhere", async () => {
  await withFolder({ "set/a/1": "", "set/a/2": "", "store/3": "" }, async (root) => {
    await mkdir(join(root, "set/b"));
    await link(join(root, "set/a/1"), join(root, "set/b/0"));
    await link(join(root, "set/a/2"), join(root, "set/a/9"));
    await link(join(root, "store/3"), join(root, "set/b/3"));
    await symlink("../a/1", join(root, "set/b/link"));
    const [a, b] = await walkFolders(new DataRoot(join(root, "set")), ["a", "b"]);
    assert.deepEqual([a.files, b.files], [["a/1", "a/2"], ["b/3"]]);
    assert.deepEqual([...a.left, ...b.left], [
      ["a/9", "again"],
      ["b/0", "again"],
      ["b/link", "again"],
    ]);
  });
});
