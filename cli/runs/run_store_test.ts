import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../system/failure.ts";
import type { CheckpointContent } from "./checkpoint_folder.ts";
import { writeSafely } from "../system/safe_file.ts";
import { RunStore } from "./run_store.ts";
import { samplePreset, sampleRun, withStore } from "../testing.ts";

const weights = (value: number): CheckpointContent => ({
  tensors: new Map([["w", { shape: [3], data: Float32Array.of(value, 2, 3) }]]),
  metadata: { note: "x" },
});

/** Runs a test in a folder of its own, with the warnings that were given. */
function inFolder(
  name: string,
  test: (runs: string, warnings: string[], warn: (message: string) => void) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const runs = await Deno.makeTempDir();
    const warnings: string[] = [];
    try {
      await test(runs, warnings, (message) => warnings.push(message));
    } finally {
      await Deno.chmod(runs, 0o755);
      await Deno.remove(runs, { recursive: true });
    }
  });
}

inFolder("RunStore keeps what a run is made from", async (runs, _warnings, warn) => {
  let id: string;
  {
    using store = await RunStore.create(runs, sampleRun, warn);
    id = store.id;
    assert.match(id, /^cls-sample-\d{8}-\d{6}-[a-z]{4}$/);
    await store.update({ stages: { train: { seconds: 3 } } });
  }
  using store = await RunStore.open(runs, id, warn);
  assert.deepEqual(store.record.preset, samplePreset);
  assert.deepEqual(store.record.stages, { train: { seconds: 3 } });
});

inFolder("RunStore.open() finds a run by beginning, path and latest", async (runs, _, warn) => {
  const first = await RunStore.create(runs, sampleRun, warn);
  const second = await RunStore.create(
    runs,
    { ...sampleRun, preset: { ...samplePreset, name: "other" } },
    warn,
  );
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  for (const name of ["cls-sample-", join(runs, first.id)]) {
    using store = await RunStore.open(runs, name, warn);
    assert.equal(store.id, first.id);
  }
  {
    using store = await RunStore.read(runs, "other", warn);
    assert.equal(store.id, second.id);
  }
  using store = await RunStore.open(runs, "latest", warn);
  assert.ok([first.id, second.id].includes(store.id));
  await assert.rejects(RunStore.open(runs, `${first.id}x`, warn), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, new RegExp(`did you mean "${first.id}"`));
    return true;
  });
  await assert.rejects(RunStore.open(join(runs, "none"), "x", warn), /there are no runs in/);
});

inFolder("RunStore lets one process work on a run, and others read it", async (runs, _, warn) => {
  const store = await RunStore.create(runs, sampleRun, warn);
  await assert.rejects(
    RunStore.open(runs, store.id, warn),
    new RegExp(`as process ${Deno.pid} is using it: wait`),
  );
  (await RunStore.read(runs, store.id, warn))[Symbol.dispose]();
  store[Symbol.dispose]();
  (await RunStore.open(runs, store.id, warn))[Symbol.dispose]();
});

inFolder("RunStore takes over the lock of a process that was killed", async (runs, _, warn) => {
  const store = await RunStore.create(runs, sampleRun, warn);
  store[Symbol.dispose]();
  await Deno.writeTextFile(join(store.folder, "lock"), "999999999\n");
  (await RunStore.open(runs, store.id, warn))[Symbol.dispose]();
});

inFolder("checkpoints keep the last two of a stage and its final one", async (runs, _, warn) => {
  using store = await RunStore.create(runs, sampleRun, warn);
  for (const step of [5, 10, 15]) await store.checkpoints.save("train", step, weights(step));
  await store.checkpoints.save("train-target", 7, weights(7));
  await store.checkpoints.save("train", "final", weights(99));
  const names = [...Deno.readDirSync(join(store.folder, "checkpoints"))].map(({ name }) => name);
  assert.deepEqual(names.sort(), [
    "train-00000010.safetensors",
    "train-00000015.safetensors",
    "train-final.safetensors",
    "train-target-00000007.safetensors",
  ]);
  const latest = await store.checkpoints.latest("train");
  assert.equal(latest?.step, 15);
  assert.equal(latest?.metadata.note, "x");
  assert.deepEqual([...latest!.tensors.get("w")!.data], [15, 2, 3]);
  assert.equal((await store.checkpoints.final("train"))?.tensors.get("w")?.data[0], 99);
  assert.equal(await store.checkpoints.final("train-target"), undefined);
});

inFolder("a damaged checkpoint is passed over with a warning", async (runs, warnings, warn) => {
  using store = await RunStore.create(runs, sampleRun, warn);
  const path = (name: string) => join(store.folder, "checkpoints", `train-${name}.safetensors`);
  const damage = async (name: string, change: (bytes: Uint8Array) => Uint8Array) =>
    await Deno.writeFile(path(name), change(await Deno.readFile(path(name))));
  for (const step of [1, 2]) await store.checkpoints.save("train", step, weights(step));
  const whole = await Deno.readFile(path("00000002"));
  for (let position = 0; position < whole.length; position += 7) {
    await damage("00000002", (bytes) => bytes.with(position, bytes[position] ^ 4));
    assert.equal((await store.checkpoints.latest("train"))?.step, 1, `byte ${position} flipped`);
    await Deno.writeFile(path("00000002"), whole);
  }
  assert.equal((await store.checkpoints.latest("train"))?.step, 2);
  for (const length of [0, 7, 30, whole.length - 1]) {
    await Deno.writeFile(path("00000002"), whole.slice(0, length));
    assert.equal((await store.checkpoints.latest("train"))?.step, 1, `cut to ${length} bytes`);
  }
  assert.match(warnings.at(-1)!, /00000002.safetensors is damaged/);
  await damage("00000001", () => new Uint8Array());
  assert.equal(await store.checkpoints.latest("train"), undefined);
});

inFolder("a kill between write and rename leaves the checkpoint before", async (runs, _, warn) => {
  const store = await RunStore.create(runs, sampleRun, warn);
  await store.checkpoints.save("train", 4, weights(4));
  store[Symbol.dispose]();
  const partial = join(store.folder, "checkpoints", "train-00000008.safetensors.123.partial");
  await Deno.writeTextFile(partial, "half a check");
  using again = await RunStore.open(runs, store.id, warn);
  assert.equal((await again.checkpoints.latest("train"))?.step, 4);
  await assert.rejects(Deno.stat(partial), Deno.errors.NotFound);
});

inFolder(
  "a process killed while it saves leaves a checkpoint that loads",
  async (runs, warnings, warn) => {
    const store = await RunStore.create(runs, sampleRun, warn);
    await store.checkpoints.save("train", 0, weights(0));
    store[Symbol.dispose]();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-read", "--allow-write", "--no-check", "--ext=ts", "-"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`
    import { RunStore } from ${JSON.stringify(import.meta.resolve("./run_store.ts"))};
    const store = await RunStore.open(${JSON.stringify(runs)}, "latest", () => {});
    const data = new Float32Array(300_000);
    for (let step = 1;; step++) {
      if (step === 2) console.log("saving");
      await store.checkpoints.save("train", step, { tensors: new Map([["w", { shape: [300_000], data }]]), metadata: {} });
    }
  `));
    await writer.close();
    await child.stdout.getReader().read();
    await new Promise((resolve) => setTimeout(resolve, 25));
    child.kill("SIGKILL");
    await child.status;
    await child.stdout.cancel().catch(() => {});
    using again = await RunStore.open(runs, store.id, warn);
    assert.ok(Number((await again.checkpoints.latest("train"))?.step) >= 1);
    assert.deepEqual(warnings, []);
  },
);

inFolder("metrics go on after the checkpoint that a run resumes from", async (runs, _, warn) => {
  using store = await RunStore.create(runs, sampleRun, warn);
  const line = (stage: "train" | "train-target", step: number) => ({
    stage,
    step,
    epoch: 0,
    learningRate: 1e-3,
    seconds: step,
    losses: { task: 1 / step },
  });
  for (const step of [1, 2]) await store.metrics.append(line("train-target", step));
  for (const step of [1, 2, 3]) await store.metrics.append(line("train", step));
  const damaged = 'null\n[]\n{"stage": "train", "step": "3", "losses": {}}\n{"stage": "tr';
  await Deno.writeTextFile(join(store.folder, "metrics.jsonl"), damaged, { append: true });
  await store.metrics.rewind("train", 2);
  await store.metrics.append(line("train", 3));
  const steps = (await store.metrics.read()).map(({ stage, step }) => `${stage} ${step}`);
  assert.deepEqual(steps, ["train-target 1", "train-target 2", "train 1", "train 2", "train 3"]);
});

inFolder("RunStore names a file that is damaged", async (runs, _, warn) => {
  const store = await RunStore.create(runs, sampleRun, warn);
  store[Symbol.dispose]();
  const path = join(store.folder, "run.json");
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.slice(0, 40));
  await assert.rejects(
    RunStore.open(runs, store.id, warn),
    /Cannot read .*run.json as it is not valid JSON/,
  );
  await Deno.writeTextFile(path, text.replace('"classification"', "7"));
  await assert.rejects(
    RunStore.open(runs, store.id, warn),
    /run.json as task must be a string: current value is 7/,
  );
});

const asRoot = Deno.uid() === 0;
inFolder("writeSafely() says in one line that a path is no folder", async (runs) => {
  await Deno.writeTextFile(join(runs, "file"), "");
  await assert.rejects(
    writeSafely(join(runs, "file", "x"), "y"),
    /Cannot write .*a part of the path is a file/,
  );
  await assert.rejects(
    writeSafely(join(runs, "none", "x"), "y"),
    /Cannot write .*it does not exist/,
  );
});

Deno.test({
  name: "writeSafely() says in one line that a folder is read-only",
  ignore: asRoot,
  async fn() {
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o555);
    await assert.rejects(
      writeSafely(join(folder, "x"), "y"),
      /Cannot write .*: permission denied: choose another folder, or as its owner run: chmod u\+w /,
    );
    await Deno.remove(folder);
  },
});

Deno.test({
  name: "RunStore.open() says that a run may not be looked into, and takes another as the latest",
  ignore: asRoot,
  fn: () =>
    withStore(async (store) => {
      const runs = dirname(store.folder);
      const warn = () => {};
      const closed = join(runs, "bars-29991231-000000-zzzz");
      await Deno.mkdir(closed);
      await Deno.writeTextFile(join(closed, "run.json"), "{}");
      await Deno.chmod(closed, 0);
      try {
        for (const name of [closed, basename(closed)]) {
          await assert.rejects(
            RunStore.open(runs, name, warn),
            /^Error: Cannot read .*zzzz\/run\.json: permission denied: .* chmod a\+rx /,
          );
        }
        store[Symbol.dispose]();
        using latest = await RunStore.open(runs, "latest", warn);
        assert.equal(latest.folder, store.folder);
      } finally {
        await Deno.chmod(closed, 0o700);
      }
    }),
});
