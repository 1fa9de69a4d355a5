import assert from "node:assert/strict";
import { createToyDataset, createToyTask, toyPreset } from "./testing/toy_task.ts";
import { layWindows, slideWindows, windowsOf } from "./windows.ts";

Deno.test("layWindows() has semseg's windows for Cityscapes and VOC2012", () => {
  const { windows } = layWindows({ picture: [512, 1024], size: [425, 425] });
  const places = windows.filter(({ mirrored }) => !mirrored).map(({ top, left }) => [top, left]);
  // A step of 284 = ceil(2/3 425); the last ones end with the picture.
  assert.deepEqual(places, [[0, 0], [0, 284], [0, 568], [0, 599], [87, 0], [87, 284], [87, 568], [
    87,
    599,
  ]]);
  assert.equal(windows.length, 16);
  assert.deepEqual(windows[1], { top: 0, left: 0, mirrored: true });
});

Deno.test("layWindows() covers every pixel, with one window where it is as large as the picture", () => {
  for (const [height, width] of [[5, 7], [9, 4], [4, 4]]) {
    const { windows } = layWindows({ picture: [height, width], size: [4, 3], stride: 0.5 });
    const covered = new Set(
      windows.flatMap(({ top, left }) =>
        Array.from({ length: 12 }, (_, at) => (top + Math.floor(at / 3)) * width + left + at % 3)
      ),
    );
    assert.equal(covered.size, height * width);
  }
  assert.equal(layWindows({ picture: [4, 3], size: [4, 3], mirror: false }).windows.length, 1);
  assert.throws(
    () => layWindows({ picture: [4, 3], size: [5, 3] }),
    /windows of 5x3 over pictures of 4x3 as a window must not be larger/,
  );
});

Deno.test("slideWindows() reads each picture once and names every window", async () => {
  const toys = createToyDataset(2);
  const reads: number[] = [];
  const read = (index: number) => (reads.push(index), toys.read(index));
  const layout = layWindows({ picture: [8, 8], size: [8, 4], stride: 1 });
  const cut = (example: Awaited<ReturnType<typeof read>>) => example;
  const windows = slideWindows({ ...toys, read }, { cut }, layout);
  assert.deepEqual([windows.length, windows.size], [8, [8, 4]]);
  const ids = await Promise.all(
    Array.from({ length: 8 }, async (_, at) => (await windows.read(at)).id),
  );
  assert.equal(new Set(ids).size, 8);
  assert.match(ids[5], /@0,0 mirrored$/);
  assert.deepEqual(reads, [0, 1]);
  assert.notEqual(windows.digest, toys.digest);
  assert.throws(
    () => slideWindows({ ...toys, size: [8, 9] }, { cut }, layout),
    /pictures must be 8x8: current size is 8x9/,
  );
});

Deno.test("windowsOf() refuses a task that knows of no windows", () => {
  const window = { picture: [8, 8], size: [4, 4] } as const;
  assert.throws(
    () => windowsOf({ ...toyPreset.evaluation, window }, createToyTask()),
    /Cannot set evaluation\.window as the task toy cannot be tested in windows/,
  );
});
