/**
 * Two workers beside one process, for the documents.
 *
 * @module
 */
import { figuresOf, grown, medianOf, type WorkersResult } from "../workers/result.ts";
import { table } from "./markdown_table.ts";

/** Numbers of workers whose speed is computed from the measured parts. */
const MANY = [2, 4, 8, 16, 64];

/** Writes the measurements as Markdown. */
export function workersTable(result: WorkersResult): string {
  const { times, batchSize, gradientBytes, sums, kills, environment } = result;
  const { speedup, exchangeShare } = figuresOf(times);
  const rate = (seconds: number, images = batchSize) => (images / seconds).toFixed(0);
  const heading = ["", "images/s", "a step, ms"];
  const ms = (seconds: number) => (1000 * seconds).toFixed(0);
  const lines = ([
    ["one process", times.one],
    ["two workers", times.two],
    ["two processes that exchange nothing", times.apart],
  ] as const).map(([name, all]) => [name, rate(medianOf(all)), ms(medianOf(all))]);
  const { cpu } = environment as { readonly cpu?: string };
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const growth = MANY.map((workers) => `${workers}: ${grown(result, workers).toFixed(1)}`);
  return [
    table([heading, ...lines], (column) => column > 0),
    `The whole step of Algorithm 1 at batch ${batchSize}, one thread a process${
      cpu ? `; ${cpu}` : ""
    }. Two workers: ${speedup.toFixed(2)} times the images a second; ${
      (100 * exchangeShare).toFixed(0)
    } % of their step is exchange and waiting. Gradients: ${
      mebibytes(gradientBytes)
    } MiB. A sum over two workers takes ${
      sums.map(({ bytes, seconds }) => `${ms(seconds)} ms for ${mebibytes(bytes)} MiB`).join(", ")
    }.${
      kills
        ? ` ${kills.count} kills of random workers in a run of ${kills.steps} steps: ${kills.repeated} steps were computed again, and ${
          kills.distance === 0
            ? "the weights are those"
            : `the weights lie ${kills.distance.toExponential(1)} from those`
        } of a run that nobody killed.`
        : ""
    } [bench/results/workers.json](../bench/results/workers.json)`,
    `On paper, with these parts, ${
      batchSize / 2
    } images a worker, a ring over links like the measured one and nothing overlapped, this many times the speed of one worker: ${
      growth.join(", ")
    }.`,
  ].join("\n\n");
}
