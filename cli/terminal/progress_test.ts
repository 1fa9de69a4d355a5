import assert from "node:assert/strict";
import { formatDuration, Progress } from "./progress.ts";

function clockwork() {
  const lines: string[] = [];
  const clock = { time: 0 };
  const progress = new Progress({
    terminal: false,
    line: (text) => lines.push(text),
    now: () => clock.time,
  });
  return { lines, clock, progress };
}

Deno.test("Progress says nothing of work that is short", () => {
  const { lines, clock, progress } = clockwork();
  using task = progress.start("evaluate", 10, "batches");
  for (let done = 1; done <= 10; done++) {
    clock.time += 100;
    task.update(done);
  }
  task[Symbol.dispose]();
  assert.deepEqual(lines, []);
});

Deno.test("Progress writes a line at most every ten seconds, with what is left", () => {
  const { lines, clock, progress } = clockwork();
  const task = progress.start("train", 100, "steps");
  for (let done = 1; done <= 100; done++) {
    clock.time += 250;
    task.update(done, `loss ${(1 / done).toFixed(2)}`);
  }
  task[Symbol.dispose]();
  assert.deepEqual(lines, [
    "train: 8/100 steps, 23 s left, loss 0.13",
    "train: 48/100 steps, 13 s left, loss 0.02",
    "train: 88/100 steps, 3.0 s left, loss 0.01",
    "train: 100/100 steps in 25 s, loss 0.01",
  ]);
});

Deno.test("Progress counts only its own work where a run goes on", () => {
  const { lines, clock, progress } = clockwork();
  const task = progress.start("train", 100, "steps", 90);
  clock.time = 5000;
  task.update(95);
  assert.deepEqual(lines, ["train: 95/100 steps, 5.0 s left"]);
});

Deno.test("formatDuration() writes durations as people do", () => {
  const written = [0.42, 9.96, 59.6, 185, 7800, 3599.7].map(formatDuration);
  assert.deepEqual(written, ["0.4 s", "10 s", "1 min 0 s", "3 min 5 s", "2 h 10 min", "1 h 0 min"]);
});
