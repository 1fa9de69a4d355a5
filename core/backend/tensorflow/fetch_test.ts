import assert from "node:assert/strict";
import { join } from "node:path";
import { cudaRequirements, removeAbandoned } from "./fetch.ts";

Deno.test("cudaRequirements takes the CUDA wheels out of a wheel's metadata, and nothing else", () => {
  const metadata = `Metadata-Version: 2.1
Requires-Dist: numpy>=1.26.0
Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"
Requires-Dist: nvidia-nccl-cu12==2.27.7 ; extra == 'and-cuda'
Requires-Dist: nvidia-other>=1; extra == "gpu"
`;
  assert.deepEqual(cudaRequirements(metadata), [
    "nvidia-cublas-cu12<13.0,>=12.5.3.2",
    "nvidia-nccl-cu12==2.27.7",
  ]);
});

Deno.test("removeAbandoned removes downloads of killed processes, and none that go on", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const cache = join(folder, "tensorflow-2.21.0");
    const names = ["", "-cuda.3.partial", ".1.partial", ".2.partial"];
    for (const name of names) {
      await Deno.mkdir(`${cache}${name}/wheels`, { recursive: true });
      await Deno.writeTextFile(`${cache}${name}/lock`, "");
    }
    using busy = await Deno.open(`${cache}.2.partial/lock`, { write: true });
    await busy.lock(true);
    await removeAbandoned(cache);
    await removeAbandoned(join(folder, "none", "tensorflow"));
    const left = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    assert.deepEqual(
      left,
      ["", "-cuda.3.partial", ".2.partial"].map((name) => `tensorflow-2.21.0${name}`),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
