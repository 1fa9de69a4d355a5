import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere, TINY } from "../testing.ts";
import { share, shareWord, wholeOf } from "./shares.ts";

/** Runs a command, which must succeed, and reads what it prints. */
async function read(...words: string[]) {
  const { code, out, error } = await runHere([...words, "--json"]);
  assert.equal(code, 0, error);
  return JSON.parse(out);
}

/** When each file below a folder was written. */
function timesIn(folder: string): Map<string, number> {
  const times = new Map<string, number>();
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) { for (const [inner, time] of timesIn(path)) times.set(inner, time); }
    else {
      times.set(path, Deno.statSync(path).mtime!.getTime());
    }
  }
  return times;
}

Deno.test("share() reads a worker of so many, and wholeOf() is the command without it", () => {
  assert.deepEqual(share("2/4"), { index: 1, count: 4 });
  assert.equal(shareWord(share("2/4")), "2/4");
  for (const wrong of ["0/4", "5/4", "1", "1/", "a/b", "1/4/4"]) {
    assert.throws(() => share(wrong), /a worker of so many/);
  }
  assert.deepEqual(wholeOf(["a", "--worker", "1/2", "b", "--worker=2/2"]), ["a", "b"]);
});

Deno.test("workers make what attack and evaluate then find, and the run stays as it is", async () => {
  const folder = await Deno.makeTempDir();
  const [runs, cache] = ["runs", "cache"].map((name) => join(folder, name));
  const places = ["--runs", runs, "--cache", cache, "--threads", "1"];
  const tiny = [...TINY, "--attack.steps=1", "--train.attackCache=2", "--evaluation.batchSize=4"];
  try {
    const first = await read("train-target", "cls-shapes", "--steps", "1", ...tiny, ...places);
    const run = join(runs, first.run);
    const record = await Deno.readTextFile(join(run, "run.json"));
    const attack = (...words: string[]) => read("attack", run, ...places, ...words);
    assert.deepEqual(await attack("--worker", "2/2"), { worker: "2/2", images: 16 });
    assert.deepEqual(await attack("--worker", "1/2"), { worker: "1/2", images: 16 });
    const made = timesIn(cache);
    assert.equal(made.size, 2, "a part for each pass");
    assert.equal(await Deno.readTextFile(join(run, "run.json")), record);
    await attack();
    assert.deepEqual(timesIn(cache), made, "nothing is made again");

    const chosen = ["--attacks", "pgd", "--systems", "none"];
    const evaluate = (...words: string[]) => read("evaluate", run, ...chosen, ...places, ...words);
    const alone = await read("evaluate", run, ...chosen, "--runs", runs, "--cache", "off");
    for (const worker of ["1/2", "2/2"]) {
      const { images } = await evaluate("--worker", worker);
      assert.equal(images, 4, "one batch of two, of the one attack");
    }
    const kept = timesIn(join(cache, "evaluated"));
    assert.equal(kept.size, 2);
    const merged = await evaluate();
    assert.deepEqual(timesIn(join(cache, "evaluated")), kept);
    const figures = ({ rows }: { rows: object[] }) =>
      rows.map((row) => ({ ...row, seconds: 0, millisecondsPerImage: 0 }));
    assert.deepEqual(figures(merged), figures(alone));

    for (
      const [words, expected] of [
        [["attack", run, "--worker", "1/2", "--cache", "off"], /as --cache is off/],
        [["attack", "cls-shapes", "--worker", "1/2"], /realign train-target cls-shapes/],
        [
          ["evaluate", run, ...chosen, "--worker", "1/2", "--cache", "off"],
          /folder that all workers see/,
        ],
        [["evaluate", run, "--worker", "3/2"], /a worker of so many/],
        [
          ["evaluate", run, "--worker", "1/2", "--submit", "x"],
          /Cannot use --submit with --worker/,
        ],
      ] as const
    ) {
      const { code, error } = await runHere([...words, "--runs", runs]);
      assert.equal(code, 2, error);
      assert.match(error, expected);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The bytes of each file below a folder. */
const bytesIn = (folder: string): Map<string, Uint8Array> =>
  new Map(
    [...timesIn(folder).keys()].sort().map((path) =>
      [path.slice(folder.length), Deno.readFileSync(path)] as const
    ),
  );

Deno.test("workers of defend write what one process writes, each image once", async () => {
  const folder = await Deno.makeTempDir();
  const [runs, pictures, lone] = ["runs", "pictures", "lone.png"].map((name) => join(folder, name));
  const places = ["--runs", runs, "--threads", "1"];
  try {
    await Deno.mkdir(join(pictures, "below"), { recursive: true });
    for (const [at, path] of ["a.png", "below/b.png", "c.png", "below/d.png"].entries()) {
      const pixels = new Uint8Array(16 * 16 * 3).map((_, index) => (at * 50 + index) % 251);
      await Deno.writeFile(
        join(pictures, path),
        await encodePng({ height: 16, width: 16, pixels }),
      );
    }
    await Deno.copyFile(join(pictures, "a.png"), lone);
    const steps = ["--target-steps=1", "--steps=1", "--cache", "off"];
    const { run } = await read("train", "cls-shapes", ...TINY, ...steps, ...places);
    const defend = (out: string, ...words: string[]) =>
      read("defend", run, lone, pictures, "--out", join(folder, out), ...places, ...words);
    // Of the generator, and of a transformation that draws.
    for (const words of [[], ["--system", "tvm"]]) {
      const [whole, shared] = ["whole", "shared"].map((name) => `${name}${words.length}`);
      const alone = await defend(whole, ...words);
      assert.deepEqual([alone.written.length, alone.worker], [5, undefined]);
      const sizes = [];
      for (const worker of ["2/2", "1/2"]) {
        const before = worker === "2/2" ? new Map<string, number>() : timesIn(join(folder, shared));
        const made = await defend(shared, "--worker", worker, ...words);
        assert.equal(made.worker, worker);
        sizes.push(made.written.length);
        const after = timesIn(join(folder, shared));
        assert.equal(after.size, before.size + made.written.length, "none is written twice");
        for (const [path, time] of before) assert.equal(after.get(path), time, path);
      }
      assert.deepEqual(sizes, [2, 3]);
      assert.deepEqual(bytesIn(join(folder, shared)), bytesIn(join(folder, whole)));
    }
    const { written, failed } = await defend("none", "--worker", "6/6");
    assert.deepEqual([written, failed], [[], []], "fewer images than workers");
    const { code, error } = await runHere([
      ...["defend", run, lone, "--out", join(folder, "none"), "--worker", "3/2", ...places],
    ]);
    assert.equal(code, 2);
    assert.match(error, /a worker of so many/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
