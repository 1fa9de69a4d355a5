/**
 * Puts items that may be computed together into batches, and computes one batch at a time.
 *
 * @module
 */

/** How items are put together. */
export interface BatchOptions<I> {
  /** Milliseconds that an item waits for others. */
  readonly wait: number;
  /** How many items like this one make a batch; at least 1. */
  readonly most: (item: I) => number;
}

/** How one item is computed. */
export interface ItemOptions<I, R> {
  /** Items of one key have the same `compute`, and are computed together. */
  readonly key: string;
  /** Gives a result for each item of a batch, in order. */
  readonly compute: (items: readonly I[]) => Promise<readonly R[]>;
  /** Computed by itself, without waiting for others. @default {false} */
  readonly alone?: boolean;
  /** An item whose signal is aborted before its batch begins is not computed. */
  readonly signal?: AbortSignal;
}

interface Waiting<I> {
  readonly item: I;
  readonly signal?: AbortSignal;
  readonly settled: PromiseWithResolvers<unknown>;
}

interface Group<I> {
  readonly key: string;
  readonly compute: (items: readonly I[]) => Promise<readonly unknown[]>;
  /** Items that make the group full. */
  readonly most: number;
  /** When it is computed, full or not. */
  readonly due: number;
  readonly waiting: Waiting<I>[];
}

/** Batches of items. What a computation throws is thrown to every item of its batch, and to no other. */
export class BatchQueue<I> {
  readonly #options: BatchOptions<I>;
  /** The longest waiting first. */
  readonly #groups: Group<I>[] = [];
  #isWorking = false;
  #wake = () => {};

  /**
   * @param options How items are put together
   */
  constructor(options: BatchOptions<I>) {
    this.#options = options;
  }

  /** Items that wait. */
  get length(): number {
    return this.#groups.reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** Computes an item, with others that come at the same time. */
  add<R>(item: I, { key, compute, alone = false, signal }: ItemOptions<I, R>): Promise<R> {
    const settled = Promise.withResolvers<R>();
    const one = { item, signal, settled: settled as PromiseWithResolvers<unknown> };
    const open = alone
      ? undefined
      : this.#groups.find((group) => group.key === key && group.waiting.length < group.most);
    if (open) open.waiting.push(one);
    else {
      this.#groups.push({
        key,
        compute,
        most: alone ? 1 : Math.max(1, this.#options.most(item)),
        due: performance.now() + (alone ? 0 : this.#options.wait),
        waiting: [one],
      });
    }
    this.#wake();
    if (!this.#isWorking) this.#work();
    return settled.promise;
  }

  /** Computes until nothing waits. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#groups.length > 0) {
      const now = performance.now();
      const ready = this.#groups.findIndex(({ waiting, most, due }) =>
        waiting.length >= most || due <= now
      );
      if (ready >= 0) {
        await settle(this.#groups.splice(ready, 1)[0]);
        // Computation alone lets neither requests nor signals in.
        await this.#sleep(0);
      } else await this.#sleep(Math.min(...this.#groups.map(({ due }) => due)) - now);
    }
    this.#isWorking = false;
  }

  /** Waits for a time, or until an item comes. */
  async #sleep(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, Math.ceil(milliseconds));
    await promise;
    clearTimeout(timer);
    this.#wake = () => {};
  }
}

async function settle<I>({ compute, waiting }: Group<I>): Promise<void> {
  const wanted = waiting.filter(({ signal }) => !signal?.aborted);
  for (const { settled, signal } of waiting) if (signal?.aborted) settled.reject(signal.reason);
  if (wanted.length === 0) return;
  try {
    const results = await compute(wanted.map(({ item }) => item));
    wanted.forEach(({ settled }, index) => settled.resolve(results[index]));
  } catch (error) {
    wanted.forEach(({ settled }) => settled.reject(error));
  }
}
