import assert from "node:assert/strict";
import { join } from "node:path";
import {
  assertMayWrite,
  makeFolder,
  readIfThere,
  readJson,
  readWhole,
  removePartials,
  writeSafely,
} from "./safe_file.ts";
import { withFolder } from "../testing_folder.ts";

const python = Deno.env.get("REALIGN_PYTHON") ?? "python3";

/** Makes a named pipe; Deno cannot. False where there is no Python to do it. */
async function makePipe(path: string): Promise<boolean> {
  const code = "import os, sys; os.mkfifo(sys.argv[1])";
  try {
    return (await new Deno.Command(python, { args: ["-c", code, path] }).output()).success;
  } catch {
    return false;
  }
}

Deno.test("readWhole() and readIfThere() read files, and nothing that hangs or never ends", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "a");
    await Deno.writeTextFile(file, "text");
    assert.equal((await readWhole(file)).length, 4);
    assert.equal(await readIfThere(join(folder, "b")), undefined);
    await assert.rejects(readWhole(folder, "the weights"), {
      message: `Cannot read the weights ${folder}: it is a folder, not a file`,
    });
    if (Deno.build.os !== "windows") {
      await assert.rejects(readIfThere("/dev/zero"), /\/dev\/zero: it is a device, not a file$/);
      await Deno.symlink("/dev/zero", join(folder, "zero"));
      await assert.rejects(readWhole(join(folder, "zero")), /it is a device, not a file$/);
    }
    const pipe = join(folder, "pipe");
    if (await makePipe(pipe)) await assert.rejects(readWhole(pipe), /it is a named pipe, not a/);
  });
});

Deno.test("assertMayWrite() looks at the folder above one that is not there, and leaves nothing", async () => {
  await withFolder(async (folder) => {
    await assertMayWrite(join(folder, "new", "deep"));
    await assertMayWrite(folder);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    await Deno.writeTextFile(join(folder, "file"), "");
    const inFile = join(folder, "file", "deep");
    await assert.rejects(assertMayWrite(inFile), /Cannot write into .*deep: .*file/);
    await assert.rejects(assertMayWrite(join(folder, "file")), /file is not a folder/);
    await assert.rejects(makeFolder(inFile), /^Error: Cannot make the folder/);
  });
});

Deno.test("writeSafely() removes what killed processes left beside it, and nothing that is being written", async () => {
  await withFolder(async (folder) => {
    const [left, busy] = ["a.1.partial", "b.2.partial"].map((name) => join(folder, name));
    await Deno.writeTextFile(left, "half");
    {
      using file = await Deno.open(busy, { write: true, create: true });
      await file.lock(true);
      await writeSafely(join(folder, "c"), "whole");
      const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
      assert.deepEqual(names, ["b.2.partial", "c"]);
    }
    await removePartials(folder);
    assert.deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["c"]);
  });
});

Deno.test("writeSafely() takes names as long as the system does", async () => {
  await withFolder(async (folder) => {
    const name = `${"n".repeat(251)}.txt`;
    await writeSafely(join(folder, name), "whole");
    assert.deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), [name]);
  });
});

Deno.test("readJson() says in one line what is not JSON, whatever it quotes", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.json");
    await Deno.writeTextFile(path, '{\n  "a": [\n  }\n}');
    await assert.rejects(
      readJson(path),
      /^SyntaxError: Cannot read .*a\.json as it is not [^\n]+$/,
    );
    assert.equal(await readJson(join(folder, "b.json")), undefined);
  });
});
