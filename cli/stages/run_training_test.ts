import { type Method, type Review, Trainer, type Watch } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { Interruption } from "../system/interruption.ts";
import { Output } from "../terminal/output.ts";
import type { TimedReview } from "../runs/reviews.ts";
import { withStore } from "../testing.ts";
import { runTraining, shareOf } from "./run_training.ts";

await useTestBackend();

Deno.test("shareOf() is a share of at most one, or none", () => {
  assert.equal(shareOf(50, 100), 0.5);
  for (const [gflops, rate] of [[169, 100], [Infinity, 100], [1, Infinity], [1, 0], [NaN, 1]]) {
    assert.equal(shareOf(gflops, rate), undefined);
  }
});

/** A training of four steps that changes nothing, reviewed after every second one. */
function createTraining(review: Watch["review"]) {
  const step = Object.assign(() => ({ task: tf.scalar(0.5) }), { statistics: () => undefined });
  const method: Method<tf.Tensor1D> = {
    stage: "train",
    state: {},
    advice: "",
    rates: () => ({ learningRate: 0.25 }),
    prepare: ({ images, labels }) => Promise.resolve({ images, labels }),
    step: step as unknown as Method<tf.Tensor1D>["step"],
    watch: {
      ...{ variables: [], ended: false, review },
      ...{ export: () => Promise.resolve(new Map()), import: () => {} },
    },
    weights: () => Promise.resolve(new Map()),
    [Symbol.dispose]: () => {},
  };
  return {
    trainer: new Trainer(method, { stepsPerEpoch: 2, totalSteps: 4 }),
    async *batches(start: number, end: number) {
      for (let step = start; step < end; step++) {
        const images = tf.zeros<tf.Rank.R4>([1, 1, 1, 3]);
        const labels = tf.tensor1d([0], "int32");
        yield { images, labels, count: 1, ids: ["0"], indices: Uint32Array.of(0), pass: 0 };
      }
    },
  };
}

Deno.test("runTraining makes up a review that a signal ended, and each step has one line", async () => {
  for (const stop of [0, 1]) {
    await withStore(async (store) => {
      const seen: number[] = [];
      const run = async (interruption: Interruption, stops: readonly number[]) => {
        const review = async (epoch: number): Promise<Review> => {
          if (stops.includes(epoch)) interruption.end("the time is over");
          await interruption.pause();
          seen.push(epoch);
          return { clean: 1, whitebox: 0.5, best: 0.5, bestEpoch: 0 };
        };
        const options = { label: "train", checkpointEvery: 1 };
        const { trainer, batches } = createTraining(review);
        await runTraining({ trainer, batches }, store, options, new Output(false, interruption));
      };
      // Ended twice within the same review.
      for (const _ of [1, 2]) {
        using interruption = new Interruption();
        interruption.hold();
        await assert.rejects(run(interruption, [stop]), {
          name: "Interrupted",
          message: `Stopped at step ${2 * stop + 2} of 4`,
        });
      }
      using interruption = new Interruption();
      await run(interruption, []);
      assert.deepEqual(seen, [0, 1]);
      const lines = await store.metrics.read();
      assert.deepEqual(lines.map(({ step, epoch }) => [step, epoch]), [
        [0, 0],
        [1, 0],
        [2, 1],
        [3, 1],
      ]);
      assert.deepEqual(lines.map(({ review }) => review !== undefined), [false, true, false, true]);
      assert.ok(lines.every(({ learningRate }) => learningRate === 0.25));
      const { reviews } = store.record.stages.train as { reviews: TimedReview[] };
      assert.deepEqual(reviews.map(({ epoch, whitebox }) => [epoch, whitebox]), [[0, 0.5], [
        1,
        0.5,
      ]]);
      assert.equal((await store.checkpoints.latest("train"))?.step, 4);
    });
  }
});
