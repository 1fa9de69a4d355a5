/**
 * What a service counts, as Prometheus reads it (text format 0.0.4).
 *
 * @module
 */

/** Upper bounds of a request's seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Upper bounds of a batch's images. */
const BATCHES = [1, 2, 4, 8, 16, 32, 64];

/** Labels of a series, as they are written: `endpoint="/health"`. */
type Labels = string;

/** A number that only grows, for each set of labels. */
class Counter {
  readonly #values = new Map<Labels, number>();

  add(by = 1, labels: Labels = ""): void {
    this.#values.set(labels, this.get(labels) + by);
  }

  get(labels: Labels = ""): number {
    return this.#values.get(labels) ?? 0;
  }

  lines(name: string): string[] {
    const series = this.#values.size > 0 ? [...this.#values] : [["", 0] as const];
    return series.map(([labels, value]) => `${name}${labels && `{${labels}}`} ${value}`);
  }
}

/** How often values were up to each bound, for each set of labels. */
class Histogram {
  readonly #bounds: readonly number[];
  readonly #series = new Map<Labels, { counts: number[]; sum: number }>();

  constructor(bounds: readonly number[]) {
    this.#bounds = [...bounds, Infinity];
  }

  observe(value: number, labels: Labels = ""): void {
    const series = this.#series.get(labels) ?? { counts: this.#bounds.map(() => 0), sum: 0 };
    this.#series.set(labels, series);
    series.sum += value;
    this.#bounds.forEach((bound, index) => series.counts[index] += value <= bound ? 1 : 0);
  }

  lines(name: string): string[] {
    return [...this.#series].flatMap(([labels, { counts, sum }]) => {
      const bounds = this.#bounds.map((bound, index) => {
        const le = `le="${bound === Infinity ? "+Inf" : bound}"`;
        return `${name}_bucket{${[labels, le].filter(Boolean).join()}} ${counts[index]}`;
      });
      const own = labels && `{${labels}}`;
      return [...bounds, `${name}_sum${own} ${sum}`, `${name}_count${own} ${counts.at(-1)}`];
    });
  }
}

/** The figures of one service. */
export class Metrics {
  readonly requests = new Counter();
  readonly seconds = new Histogram(SECONDS);
  readonly batches = new Histogram(BATCHES);
  readonly received = new Counter();
  readonly sent = new Counter();
  readonly restored = new Counter();
  readonly predicted = new Counter();

  /** Counts an answered request. */
  answered(endpoint: string, status: number, seconds: number): void {
    this.requests.add(1, `endpoint="${endpoint}",status="${status}"`);
    this.seconds.observe(seconds, `endpoint="${endpoint}"`);
  }

  /**
   * Writes all figures.
   *
   * @param now What is true at this moment: requests in flight, images that wait, bytes of the process
   */
  format(
    now: { readonly active: number; readonly waiting: number; readonly memory: number },
  ): string {
    const gauge = (value: number) => ({ lines: (name: string) => [`${name} ${value}`] });
    const all: [string, string, string, { lines(name: string): string[] }][] = [
      ["realign_requests_total", "counter", "Answered requests", this.requests],
      ["realign_request_seconds", "histogram", "Time from a request to its answer", this.seconds],
      [
        "realign_active_requests",
        "gauge",
        "Requests that are read, wait or are computed",
        gauge(now.active),
      ],
      ["realign_queue_length", "gauge", "Images that wait for a batch", gauge(now.waiting)],
      ["realign_batch_images", "histogram", "Images of a batch, padding left out", this.batches],
      ["realign_received_bytes_total", "counter", "Bytes of bodies that were read", this.received],
      ["realign_sent_bytes_total", "counter", "Bytes of bodies that were sent", this.sent],
      ["realign_restored_images_total", "counter", "Images that were restored", this.restored],
      ["realign_predicted_images_total", "counter", "Images that were predicted", this.predicted],
      ["process_resident_memory_bytes", "gauge", "Memory of the process", gauge(now.memory)],
    ];
    return all.flatMap(([name, type, help, series]) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...series.lines(name),
      "",
    ]).join("\n");
  }
}
