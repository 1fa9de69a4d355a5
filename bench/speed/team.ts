/**
 * All sides of a bench on one problem.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { join } from "node:path";
import type { NetworkSettings } from "./ours/network.ts";
import type { AlternateOptions, Contender } from "./alternate.ts";
import type { BenchGroup } from "./result.ts";
import { OURS } from "./result.ts";
import { Side } from "./side.ts";

/** What every bench is told. */
export interface BenchContext {
  /** What is measured. */
  readonly preset: Preset;
  /** Few rounds, to see that all works; its figures say nothing. */
  readonly quick: boolean;
  readonly threads: number;
  /** Folder of the preset's dataset, for benches that take real pictures. */
  readonly data?: string;
  /** Runs the peers; absent for a bench without any. */
  readonly python?: string;
  /** For files that are thrown away. */
  readonly folder: string;
  readonly notify: (message: string) => void;
}

/** What a bench found. */
export interface BenchBody {
  readonly groups: readonly BenchGroup[];
  readonly agreement?: unknown;
  readonly failed?: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, unknown>>;
}

/** One of the benches. */
export interface Bench {
  readonly title: string;
  /** Whether it takes the pictures of the preset's dataset. @default {false} */
  readonly needsData?: boolean;
  /** Whether it measures PyTorch's side too. Those that do not need no Python, and run only by name. @default {true} */
  readonly hasPeers?: boolean;
  readonly run: (context: BenchContext) => Promise<BenchBody>;
}

/** How PyTorch runs: operation by operation, or compiled. Weights and images are channels_last in both. */
export type Mode = "eager" | "compile";

/** What a problem is made from. */
export interface ProblemOptions {
  readonly preset: Preset;
  /** Pictures beyond the batch. @default {the batch} */
  readonly pool?: number;
  /** Steps that O is trained for. @default {0} */
  readonly targetSteps?: number;
  /** Folder of the preset's own dataset. Default: drawn shapes */
  readonly data?: string;
}

/** A problem's file, and what opening it takes besides the preset. */
export interface SharedProblem {
  readonly path: string;
  readonly made: { readonly classes: number };
}

/** What the sides work on. */
export interface TeamOptions extends ProblemOptions {
  /** One that several teams open, each under its own preset of the same networks. Default: one made for this team */
  readonly problem?: SharedProblem;
  /** @default {["eager", "compile"]} */
  readonly modes?: readonly Mode[];
  /** Whether sides tell what oneDNN runs. @default {false} */
  readonly profile?: boolean;
}

/** A request that opens a problem. */
interface Opening {
  readonly do: "open" | "load";
  readonly problem: string;
  readonly [key: string]: unknown;
}

/** Rounds and runs of a bench, or very few. */
export function repetitions(
  { quick }: BenchContext,
  rounds: number,
  count: number,
): AlternateOptions {
  return quick ? { rounds: 2, count: 1 } : { rounds, count };
}

/** Makes a problem for teams to share. */
export async function makeProblem(
  context: BenchContext,
  { preset, pool = preset.train.batchSize, targetSteps = 0, data }: ProblemOptions,
): Promise<SharedProblem> {
  return await provideProblem(context, { do: "make", preset, pool, targetSteps, data });
}

/** A process of ours and one for each way that PyTorch runs, with the same problem open. */
export class Team implements AsyncDisposable {
  readonly ours: Side;
  readonly peers: ReadonlyMap<Mode, Side>;
  readonly versions: Record<string, unknown> = {};
  /** Sides that could not be measured, with the reason. */
  readonly failed: Record<string, string> = {};
  readonly #opening: Opening;

  private constructor(ours: Side, peers: ReadonlyMap<Mode, Side>, opening: Opening) {
    this.ours = ours;
    this.peers = peers;
    this.#opening = opening;
  }

  /** Makes a problem, unless it is given, and opens it on all sides. */
  static async open(context: BenchContext, options: TeamOptions): Promise<Team> {
    const { preset } = options;
    const { path: problem, made } = options.problem ?? await makeProblem(context, options);
    const opening = { do: "open", problem, preset, ...made } as const;
    return await Team.#gather(context, opening, options);
  }

  /** The same for a problem of a single network. */
  static async openNetwork(
    context: BenchContext,
    network: NetworkSettings,
    options: Pick<TeamOptions, "modes"> = {},
  ): Promise<Team> {
    const { path: problem } = await provideProblem(context, { do: "draw", network });
    return await Team.#gather(context, { do: "load", problem, network }, options);
  }

  static async #gather(
    context: BenchContext,
    opening: Opening,
    { modes = ["eager", "compile"], profile = false }: Pick<TeamOptions, "modes" | "profile">,
  ): Promise<Team> {
    const peers = new Map(
      modes.map((mode) => [mode, startPeer(context, `torch ${mode}`, profile)]),
    );
    const { threads } = context;
    const team = new Team(startOurs(context, profile), peers, { ...opening, threads });
    try {
      await team.reset();
      return team;
    } catch (error) {
      await team[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Gives all networks the problem's weights again. */
  async reset(): Promise<void> {
    Object.assign(this.versions, await this.ours.ask(this.#opening));
    for (const [mode, side] of this.peers) {
      Object.assign(this.versions, await side.ask({ ...this.#opening, mode }));
    }
  }

  /**
   * Makes something ready to be timed.
   *
   * @param label The contender's name
   * @param side Where
   * @param request The work's name and settings
   * @returns Undefined where the side cannot; `failed` says why
   */
  async prepare(
    label: string,
    side: Side,
    request: { readonly work: string; readonly [key: string]: unknown },
  ): Promise<Contender | undefined> {
    try {
      await side.ask({ do: "prepare", name: label, ...request });
    } catch (error) {
      if (side === this.ours) throw error;
      this.failed[label] = error instanceof Error ? error.message.split("\n")[0] : String(error);
      return undefined;
    }
    return { name: label, run: (count) => side.ask({ do: "run", name: label, count }) };
  }

  /** The same work on all sides; ours comes first. */
  async prepareAll(work: string, settings: object = {}, ours: object = {}): Promise<Contender[]> {
    const contenders = [await this.prepare(OURS, this.ours, { ...settings, ...ours, work })];
    for (const [mode, side] of this.peers) {
      contenders.push(await this.prepare(`torch ${mode}`, side, { ...settings, work }));
    }
    return contenders.filter((contender) => contender !== undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [this.ours, ...this.peers.values()].map((side) => side[Symbol.asyncDispose]()),
    );
  }
}

/** Milliseconds of what took seconds. */
export function toMilliseconds(
  rounds: Readonly<Record<string, readonly number[]>>,
): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(rounds).map(([side, values]) => [side, values.map((value) => 1000 * value)]),
  );
}

let problems = 0;

/** Has a problem made; returns its path, and what the maker says of it. */
async function provideProblem<T>(
  { folder, ...context }: BenchContext,
  request: { readonly do: "make" | "draw"; readonly [key: string]: unknown },
): Promise<{ path: string; made: T }> {
  const path = join(folder, `problem-${problems++}.safetensors`);
  await using maker = startOurs(context);
  const made = await maker.ask<T>({ ...request, path, threads: context.threads });
  return { path, made };
}

function startOurs({ threads }: Pick<BenchContext, "threads">, profile = false): Side {
  const script = join(import.meta.dirname!, "./ours/main.ts");
  const args = ["run", "--quiet", "--no-check", "--allow-all", script];
  return Side.start({ name: OURS, command: Deno.execPath(), args, threads, profile });
}

function startPeer({ python, threads }: BenchContext, name: string, profile: boolean): Side {
  if (python === undefined) throw new Error(`Cannot start ${name} as the bench has no peers`);
  const script = join(import.meta.dirname!, "./peers/main.py");
  return Side.start({ name, command: python, args: ["-B", script], threads, profile });
}
