/**
 * Our side of the benches: one JSON request a line from standard input, one answer a line. The peers'
 * side, bench/speed/peers/main.py, takes the same requests.
 *
 * @module
 */
import { type Precision, selectBackend } from "@realign/core/backend";
import { type AttackSettings, crossEntropy } from "@realign/core/attacks";
import type { Preset } from "@realign/core";
import * as tf from "@realign/core/tf";
import { createAlgorithm } from "./algorithm.ts";
import { answerRequests } from "./answer_requests.ts";
import {
  countParameters,
  createRestoration,
  createRestorerTraining,
  createTargetTraining,
  type RestorationSettings,
} from "./defense_work.ts";
import { makeNetwork, type NetworkProblem, type NetworkSettings, openNetwork } from "./network.ts";
import { createBoxes, createGradient, writeAnswer } from "./network_work.ts";
import { makeProblem, openProblem, type Problem, type ProblemRequest } from "./problem.ts";
import type { RawKind } from "./raw_detections.ts";
import { createCheckpointing, createLookUp, createReading } from "./stages.ts";
import { createAttackWork, createStep, timeOperations, type Work } from "./work.ts";

let problem: Problem | undefined;
let network: NetworkProblem | undefined;
const prepared = new Map<string, Work>();

/** What is timed, by name. */
const works: Readonly<Record<string, (settings: WorkSettings) => Work | Promise<Work>>> = {
  step: ({ once = false, precision }) => createStep(opened(), once, precision),
  target: () => createTargetTraining(opened()).step,
  restorer: () => createRestorerTraining(opened()).step,
  attack: ({ attack, given }) => disposing(createAttackWork(opened(), attack!, poolOf(given))),
  perturb: ({ attack }) => disposing(createAttackWork(opened(), attack!)),
  restore: (settings) => createRestoration(opened(), settings),
  algorithm: ({ epochs = 1 }) => createAlgorithm(opened(), epochs),
  read: () => createReading(opened()),
  "look up": () => createLookUp(opened()),
  checkpoint: () => createCheckpointing(opened()),
  gradient: () => createGradient(loaded()),
  boxes: ({ which }) => createBoxes(loaded(), which!),
};

/** Which of the pool is attacked: all of it, or what O reads right. */
type Given = "all" | "right";

interface WorkSettings extends RestorationSettings {
  readonly once?: boolean;
  readonly precision?: Precision;
  readonly attack?: AttackSettings;
  readonly given?: Given;
  readonly epochs?: number;
  readonly which?: RawKind;
}

interface Requests {
  make(request: ProblemRequest & { threads: number }): Promise<{ classes: number }>;
  open(
    request: { problem: string; preset: Preset; classes: number; threads: number },
  ): Promise<unknown>;
  draw(request: { path: string; network: NetworkSettings; threads: number }): Promise<unknown>;
  load(request: { problem: string; network: NetworkSettings; threads: number }): Promise<unknown>;
  prepare(
    request: WorkSettings & { name: string; work: string },
  ): Promise<{ firstSeconds: number }>;
  run(request: { name: string; count: number }): Promise<number[]>;
  terms(request: { steps: number; once?: boolean; precision?: Precision }): Promise<unknown>;
  robustness(request: { attack: AttackSettings; given: Given }): Promise<unknown>;
  answer(request: { path: string; which?: RawKind }): Promise<unknown>;
  operations(request: { count: number; mode: string }): Promise<unknown>;
  memory(request: object): Promise<number | null>;
  parameters(request: { of: "target" | "restorer" }): Promise<number>;
}

function poolOf(given: Given = "all"): { images: tf.Tensor4D; labels: tf.Tensor1D } {
  const { target, pool, poolLabels } = opened();
  if (given === "all") return { images: pool, labels: poolLabels };
  return tf.tidy(() => {
    const right = tf.equal(tf.argMax(target.forward(pool).logits, 1), poolLabels).dataSync();
    const rows = [...right.keys()].filter((row) => right[row]);
    return {
      images: tf.gather(pool, rows) as tf.Tensor4D,
      labels: tf.gather(poolLabels, rows) as tf.Tensor1D,
    };
  });
}

const requests: Requests = {
  async make({ threads, ...request }) {
    await start(threads);
    return { classes: await makeProblem(request) };
  },
  async open({ problem: path, preset, classes, threads }) {
    const versions = await start(threads);
    problem = await openProblem(path, preset, classes);
    return versions;
  },
  async draw({ path, network: settings, threads }) {
    await start(threads);
    await makeNetwork(path, settings);
    return {};
  },
  async load({ problem: path, network: settings, threads }) {
    const versions = await start(threads);
    network = await openNetwork(path, settings);
    return versions;
  },
  async prepare({ name, work: kind, ...settings }) {
    const work = await works[kind](settings);
    prepared.set(name, work);
    const begun = performance.now();
    await work();
    const firstSeconds = (performance.now() - begun) / 1000;
    await work();
    return { firstSeconds };
  },
  async run({ name, count }) {
    const work = prepared.get(name)!;
    const seconds: number[] = [];
    for (let done = 0; done < count; done++) {
      const begun = performance.now();
      await work();
      seconds.push((performance.now() - begun) / 1000);
    }
    return seconds;
  },
  async terms({ steps, once = false, precision }) {
    const step = createStep(opened(), once, precision);
    const terms: unknown[] = [];
    for (let done = 0; done < steps; done++) terms.push(await step());
    return terms;
  },
  async robustness({ attack, given }) {
    const { target, pool } = opened();
    const attacked = poolOf(given);
    const begun = performance.now();
    const adversarial = await createAttackWork(opened(), attack, attacked)();
    const seconds = (performance.now() - begun) / 1000;
    const [right, perturbation, loss] = await tf.tidy(() => {
      const { logits } = target.forward(adversarial);
      return tf.stack([
        tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), attacked.labels), "float32")),
        tf.max(tf.abs(tf.sub(adversarial, attacked.images))),
        tf.mean(crossEntropy(logits, attacked.labels)),
      ]);
    }).data();
    adversarial.dispose();
    return { value: right / pool.shape[0], perturbation, loss, seconds };
  },
  async answer({ path, which }) {
    await writeAnswer(loaded(), path, which);
    return {};
  },
  async operations({ count, mode }) {
    const seconds = await timeOperations(count);
    return mode === "recorded" ? seconds.recorded : seconds.eager;
  },
  async memory() {
    const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) / 1024;
  },
  parameters: ({ of }) => Promise.resolve(countParameters(opened(), of)),
};

/** Starts the backend; returns the versions of all that computes. */
async function start(threads: number): Promise<Record<string, unknown>> {
  const { version } = await selectBackend("tensorflow", { threads, device: "cpu" });
  return { deno: Deno.version.deno, tensorflow: version, tfjs: tf.version_core, threads };
}

function opened(): Problem {
  if (!problem) throw new Error("Cannot answer as no problem was opened");
  return problem;
}

function loaded(): NetworkProblem {
  if (!network) throw new Error("Cannot answer as no network was loaded");
  return network;
}

function disposing(make: () => Promise<tf.Tensor>): Work {
  return async () => (await make()).dispose();
}

if (import.meta.main) await answerRequests(requests);
