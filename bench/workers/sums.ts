/**
 * One of two workers: times sums of several sizes, and prints them as JSON, with the bytes that a step of
 * cls-cifar10-small's networks exchanges. Started by `bench workers`.
 *
 * @module
 */
import classification from "@realign/classification";
import { createDiscriminator, createGenerator, createRandom } from "@realign/core";
import { record, selectBackend } from "@realign/core/backend";
import * as tf from "@realign/core/tf";
import { activeWorkers } from "@realign/core/workers";
import { medianOf, type SumTimes } from "./result.ts";

/** Numbers that are summed. */
const SIZES = [1, 2 ** 18, 2 ** 22];
const ROUNDS = 15;

const [index, ...addresses] = Deno.args;
const cluster = { addresses, index: Number(index), timeout: 120 };
await selectBackend("tensorflow", { threads: 1, cluster });
const times: SumTimes[] = [];
for (const size of SIZES) {
  const values = tf.ones<tf.Rank.R1>([size]);
  using sum = record(({ values }: { values: tf.Tensor1D }) => activeWorkers().sum(values), {
    name: "sum",
  });
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const result = sum({ values });
    await result.slice(0, 1).data();
    seconds.push((performance.now() - begun) / 1000);
    result.dispose();
  }
  times.push({ bytes: 4 * size, seconds: medianOf(seconds.slice(3)) });
}
const { generator, discriminator } = classification.presets["cls-cifar10-small"];
const networks = [
  createGenerator(generator, createRandom(1)),
  createDiscriminator(discriminator, createRandom(1)),
];
const gradientBytes = networks.flatMap(({ parameters }) => parameters.trainable)
  .reduce((sum, { size }) => sum + 4 * size, 0);
console.log(JSON.stringify({ sums: times, gradientBytes }));
Deno.exit(0);
