/**
 * The page's side of the worker.
 *
 * @module
 */
import type { Attack, Begin, Question, Ready, Reply, Request } from "./messages.ts";
import type { Look } from "./network.ts";

/** A worker that answers questions; one attack at a time. */
export interface Client {
  /** When its engine computes. Rejects if none does. */
  readonly ready: Promise<Ready>;
  look(image: Float32Array): Promise<{ readonly look: Look; readonly milliseconds: number }>;
  attack(
    question: Omit<Extract<Question, { kind: "attack" }>, "kind">,
    onStep: (step: number, gain: number) => void,
  ): Promise<Attack>;
  /** Ends an attack after the step that runs. */
  stop(): void;
  /** Ends the worker; what it owes is never answered. */
  end(): void;
}

type Settled = { resolve(value: never): void; reject(reason: Error): void };

/**
 * Starts a worker.
 *
 * @param script The worker's program
 * @param begin What it needs
 */
export function startClient(script: string, begin: Begin): Client {
  const worker = new Worker(
    URL.createObjectURL(new Blob([script], { type: "text/javascript" })),
  );
  const waiting = new Map<number, Settled>();
  let [number, onStep] = [0, (_step: number, _gain: number) => {}];
  const post = (request: Request) => worker.postMessage(request);
  const { promise: ready, resolve, reject } = Promise.withResolvers<Ready>();

  const ask = <T>(question: Question) =>
    new Promise<T>((resolve, reject) => {
      const id = ++number;
      waiting.set(id, { resolve: resolve as Settled["resolve"], reject });
      post({ ...question, id });
    });
  const settled = (id: number) => {
    const one = waiting.get(id);
    waiting.delete(id);
    return one;
  };
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    if (data.kind === "ready") resolve(data.ready);
    else if (data.kind === "step") onStep(data.step, data.gain);
    else if (data.kind === "looked") settled(data.id)?.resolve(data as never);
    else if (data.kind === "attacked") settled(data.id)?.resolve(data.attack as never);
    else if (data.id === undefined) reject(new Error(data.message));
    else settled(data.id)?.reject(new Error(data.message));
  };
  worker.onerror = ({ message }) => {
    const error = new Error(message || "the worker did not start");
    reject(error);
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  post(begin);
  return {
    ready,
    look: (image) => ask({ kind: "look", image }),
    attack(question, tell) {
      onStep = tell;
      return ask({ kind: "attack", ...question });
    },
    stop: () => post({ kind: "stop" }),
    end: () => worker.terminate(),
  };
}
