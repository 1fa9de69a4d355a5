/**
 * The worker: it computes, so that the page stays alive.
 *
 * @module
 */
import type { Check } from "../content.ts";
import { type Ascent, climb } from "./climb.ts";
import { type Engine, engineOrder, startEngine } from "./engines.ts";
import type { Tf } from "./gradient_operations.ts";
import type { Attack, Begin, Question, Ready, Reply, Request } from "./messages.ts";
import { type Network, openNetwork } from "./network.ts";

/** An engine whose restored image differs by more is not used. */
const TOLERANCE = 1e-3;

/** Most that a gradient may differ, relative to its length: kinks flip single numbers. */
const GRADIENT_TOLERANCE = 0.05;

/** A worker's scope. */
interface Scope {
  readonly tf: Tf;
  importScripts(...urls: string[]): void;
  postMessage(message: Reply): void;
  onmessage: ((event: MessageEvent<Request>) => void) | null;
}

/** Answers a page's messages, one at a time. */
export function serveWorker(scope: Scope): void {
  let network: Promise<Network> | undefined;
  let isStopped = false;
  let last: Promise<void> = Promise.resolve();

  const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);

  async function begin(message: Begin): Promise<Network> {
    const { network, ready } = await beginNetwork(scope, message);
    scope.postMessage({ kind: "ready", ready });
    return network;
  }

  async function answer(question: Question & { readonly id: number }): Promise<void> {
    const { id, image } = question;
    const start = performance.now();
    const opened = await network!;
    if (question.kind === "look") {
      const look = await opened.look(image);
      scope.postMessage({ kind: "looked", id, look, milliseconds: performance.now() - start });
      return;
    }
    const attack = await runAttack(opened, question, async (step, gain) => {
      scope.postMessage({ kind: "step", step, gain });
      // A task of its own, so that a message may come in between.
      await new Promise((resolve) => setTimeout(resolve));
      return !isStopped;
    });
    scope.postMessage({ kind: "attacked", id, attack });
  }

  scope.onmessage = ({ data }) => {
    if (data.kind === "begin") {
      network = begin(data);
      network.catch((error) => scope.postMessage({ kind: "failed", message: messageOf(error) }));
    } else if (data.kind === "stop") {
      isStopped = true;
    } else {
      last = last.then(async () => {
        isStopped = false;
        await answer(data);
      }).catch((error) =>
        scope.postMessage({ kind: "failed", id: data.id, message: messageOf(error) })
      );
    }
  };
}

/** Attacks an image. */
async function runAttack(
  network: Network,
  { image, attacked, settings }: Extract<Question, { kind: "attack" }>,
  goOn: (step: number, gain: number) => Promise<boolean>,
): Promise<Attack> {
  const start = performance.now();
  const [reference] = Object.values((await network.look(image))[attacked]);
  let steps = 0;
  const ascend = (images: Float32Array): Promise<Ascent> =>
    network.ascend(attacked, images, reference);
  const result = await climb(image, settings, ascend, (step, gain) => {
    steps = step;
    return goOn(step, gain);
  });
  return { image: result, steps, milliseconds: performance.now() - start };
}

/** Loads everything, and takes the first engine that gives the command line's numbers. */
async function beginNetwork(
  scope: Scope,
  message: Begin,
): Promise<{ network: Network; ready: Ready }> {
  const start = performance.now();
  const { libraries, wasm, model, weights, image, reference, sample, check } = message;
  scope.importScripts(...libraries.map((library) => URL.createObjectURL(library)));
  const { tf } = scope;
  const files = { model: JSON.parse(await model.text()), weights: await weights.arrayBuffer() };
  const order: Engine[] = message.engine ? [message.engine] : await engineOrder(scope);
  const refused: string[] = [];
  for (const engine of order) {
    try {
      await startEngine(tf, engine, wasm);
      const network = await openNetwork(tf, files, image, reference);
      const difference = await differenceFrom(check, network, sample);
      if (difference <= TOLERANCE) {
        const milliseconds = performance.now() - start;
        return { network, ready: { engine, milliseconds, difference, refused } };
      }
      network.dispose();
      refused.push(`${engine} computes something else`);
    } catch (error) {
      refused.push(`${engine}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error(`No engine computes here: ${refused.join("; ")}`);
}

/** The greatest difference of a restored image; NaN if a gradient is another. */
async function differenceFrom(
  { stride, restored, gradient }: Check,
  network: Network,
  sample: Float32Array,
): Promise<number> {
  const look = await network.look(sample);
  const [output] = Object.values(look.target);
  const ascent = await network.ascend("system", sample, output.map((value) => -value));
  const distances = (expected: readonly number[], found: Float32Array) =>
    expected.map((value, k) => Math.abs(value - found[k * stride]));
  const error = Math.hypot(...distances(gradient, ascent.gradient));
  if (!(error <= GRADIENT_TOLERANCE * Math.hypot(...gradient))) return NaN;
  return Math.max(...distances(restored, look.restored));
}
