/**
 * An exported page, operated as people operate it.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import type { Engine } from "../../cli/page/browser/engines.ts";
import type { Ready } from "../../cli/page/browser/messages.ts";
import type { Attacked } from "../../cli/page/browser/network.ts";
import type { Browser, Tab } from "./chromium.ts";

/** What a page tells, its numbers as lists. */
export interface Told {
  readonly kind: "ready" | "looked" | "attacked";
  readonly ready?: Ready;
  readonly clean?: ToldImage;
  readonly adversarial?: ToldImage;
  /** Of a restoration. */
  readonly milliseconds?: number;
  readonly attack?: { readonly steps: number; readonly milliseconds: number };
}

/** An image and what was computed of it. */
export interface ToldImage {
  readonly image: readonly number[];
  readonly look: {
    readonly restored: readonly number[];
    readonly target: Readonly<Record<string, readonly number[]>>;
    readonly system: Readonly<Record<string, readonly number[]>>;
  };
}

/** How a page is to attack. */
export interface PageAttack {
  readonly attacked: Attacked;
  /** In 255ths. */
  readonly epsilon: number;
  readonly steps: number;
  readonly randomStart?: boolean;
}

/** A page in a browser. */
export interface DrivenPage {
  readonly tab: Tab;
  readonly ready: Ready;
  /** What is told of the first sample, which a page shows by itself. */
  readonly first: Told;
  /** Waits for what is told next. */
  next(): Promise<Told>;
  /** Chooses a sample. */
  look(sample: number): Promise<Told>;
  attack(settings: PageAttack): Promise<Told>;
  close(): Promise<void>;
}

/** Keeps what the page tells, as JSON has it. */
const LISTEN = `globalThis.told = [];
addEventListener("realign", ({ detail }) => {
  const plain = (_, value) => value instanceof Float32Array ? Array.from(value) : value;
  told.push(JSON.parse(JSON.stringify(detail, plain)));
});`;

/** Looks for an answer so often, ms. */
const PAUSE = 50;

/**
 * Opens a page, and waits until it computes.
 *
 * @param browser The browser
 * @param file The page
 * @param options The engine; how long a step of this may take, ms
 * @throws {Error} If the page says that it cannot, or needs too long
 */
export async function drivePage(
  browser: Browser,
  file: string,
  { engine = "", patience = 120_000 }: { engine?: Engine | ""; patience?: number } = {},
): Promise<DrivenPage> {
  const tab = await browser.open(`${pathToFileURL(file)}?engine=${engine}`, LISTEN);
  let seen = 0;
  /** Waits for what is told next. */
  async function next(): Promise<Told> {
    const until = performance.now() + patience;
    while (performance.now() < until) {
      const [count, problem] = await tab.evaluate<[number, string]>(
        `[globalThis.told?.length ?? 0, document.getElementById("problem")?.textContent ?? ""]`,
      );
      if (count > seen) return await tab.evaluate<Told>(`told[${seen++}]`);
      if (problem !== "") throw new Error(problem);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    throw new Error(`the page did not answer within ${patience / 1000} s`);
  }
  const { ready } = await next();
  return {
    ...{ tab, ready: ready! },
    first: await next(),
    next,
    async look(sample) {
      await tab.evaluate(`document.querySelectorAll(".sample")[${sample}].click()`);
      return await next();
    },
    async attack({ attacked, epsilon, steps, randomStart = false }) {
      await tab.evaluate(`(() => {
        const by = (id) => document.getElementById(id);
        by("attack-${attacked}").checked = true;
        [by("epsilon").value, by("steps").value] = [${epsilon}, ${steps}];
        by("random-start").checked = ${randomStart};
        by("attack").click();
      })()`);
      return await next();
    },
    close: () => tab.close(),
  };
}
