/**
 * What becomes of boxes that are not as they should be, and how many there were.
 *
 * @module
 */
import type { Box } from "@realign/core";

/** What becomes of boxes that are not as they should be. */
export interface BoxPolicy {
  /** Boxes of no width or height, also after clipping. Default: "drop" */
  readonly empty?: "drop" | "error";
  /** Boxes that reach out of the picture. Default: "clip" */
  readonly outside?: "clip" | "drop" | "error";
  /** Boxes of a class that is not in the list. Default: "error" */
  readonly unknown?: "drop" | "error";
  /** Boxes that are marked as difficult (COCO: crowds). Default: "keep", with their mark */
  readonly difficult?: "keep" | "drop";
  /** Pictures without an annotation (COCO: without a file). Default: "error" */
  readonly missing?: "drop" | "error";
}

/** Pixels that x + width may miss the picture's edge by. */
const roundOff = 1e-3;

/** A policy's choices, as options may hold them. */
export const policyChoices = {
  empty: ["drop", "error"],
  outside: ["clip", "drop", "error"],
  unknown: ["drop", "error"],
  difficult: ["keep", "drop"],
  missing: ["drop", "error"],
} as const;

const defaults: Required<BoxPolicy> = {
  empty: "drop",
  outside: "clip",
  unknown: "error",
  difficult: "keep",
  missing: "error",
};

/** A box as a file has it. */
export interface RawBox {
  /** Left, top, right and bottom edge in pixels; edges lie between pixels. */
  readonly edges: readonly [number, number, number, number];
  readonly className: string;
  readonly difficult: boolean;
  readonly crowd?: boolean;
}

/** What was done, in the order in which it is told. */
const deeds = {
  empty: "empty boxes dropped",
  outside: "boxes outside the image dropped",
  clipped: "boxes clipped to the image",
  unknown: "boxes of other classes dropped",
  difficult: "difficult boxes dropped",
  missing: "images without annotation dropped",
  absent: "images without a file dropped",
  unplaced: "boxes of no image dropped",
} as const;

/** Applies a policy to boxes, one after the other, and counts what it does. */
export class BoxSieve {
  readonly #policy: Required<BoxPolicy>;
  readonly #classes: ReadonlyMap<string, number>;
  readonly #counts = new Map<keyof typeof deeds, { count: number; first: string }>();

  /** Throws RangeError if there are no classes, or two of one name. */
  constructor(policy: BoxPolicy, classNames: readonly string[]) {
    if (classNames.length === 0 || new Set(classNames).size < classNames.length) {
      throw new RangeError(
        `Cannot tell classes apart as there must be at least one, each with a unique name: current value is "${
          classNames.join(", ")
        }"`,
      );
    }
    this.#policy = {
      ...defaults,
      ...Object.fromEntries(Object.entries(policy).filter(([, choice]) => choice !== undefined)),
    };
    this.#classes = new Map(classNames.map((name, index) => [name, index]));
  }

  /**
   * Takes a box, or leaves it out.
   *
   * @param raw The box
   * @param size `[height, width]` of the picture
   * @param where What errors call it, e.g. "object 2 of FILE"
   * @param id The picture, as notes call it
   * @returns The box in shares of the picture; undefined where it is left out
   * @throws {Error} Where the policy says so; one line
   */
  take(
    raw: RawBox,
    [height, width]: readonly [number, number],
    where: string,
    id: string,
  ): Box | undefined {
    const index = this.#classes.get(raw.className);
    if (index === undefined) {
      const names = [...this.#classes.keys()].map((name) => `"${name}"`).join(", ");
      return this.#leave("unknown", where, `its class must be one of ${names}`, raw.className, id);
    }
    const limits = [width, height, width, height];
    const inside = raw.edges.map((edge, side) => clamp(edge, limits[side]));
    const shown = raw.edges.join(", ");
    const [x1, y1, x2, y2] = inside.map((edge, side) => edge / limits[side]);
    // Networks are told of them in single precision.
    const isEmpty = [[x1, x2], [y1, y2]].some(([from, to]) => Math.fround(to) <= Math.fround(from));
    if (!(raw.edges[2] > raw.edges[0] && raw.edges[3] > raw.edges[1])) {
      return this.#leave("empty", where, "it must have a width and a height", shown, id);
    }
    if (inside.some((edge, side) => Math.abs(edge - raw.edges[side]) > roundOff)) {
      const must = `it must lie in the image of ${height}x${width}`;
      if (this.#policy.outside !== "clip") return this.#leave("outside", where, must, shown, id);
      if (!isEmpty) this.#count("clipped", id);
    }
    if (isEmpty) {
      const must = `it must have a width and a height in the image of ${height}x${width}`;
      return this.#leave("empty", where, must, shown, id);
    }
    if (raw.difficult && this.#policy.difficult === "drop") {
      this.#count("difficult", id);
      return undefined;
    }
    return {
      box: [x1, y1, x2, y2],
      class: index,
      difficult: raw.difficult,
      ...(raw.crowd && { crowd: true }),
    };
  }

  /** Leaves a picture out that has no annotation or no file, or passes on the error that says so. */
  leavePicture(id: string, { message }: Error, lacks: "missing" | "absent" = "missing"): void {
    if (this.#policy.missing === "error") {
      throw new Error(
        `${message}; the option missing=drop (--dataset.options.missing=drop) drops such images`,
      );
    }
    this.#count(lacks, id);
  }

  /** Counts a box whose picture is not there. */
  leaveUnplaced(where: string): void {
    this.#count("unplaced", where);
  }

  /** What was done, in one line; none where nothing was. */
  get notes(): string[] {
    const parts = (Object.keys(deeds) as (keyof typeof deeds)[]).flatMap((deed) => {
      const { count = 0, first } = this.#counts.get(deed) ?? {};
      return count > 0 ? [`${deeds[deed]}: ${count} (first in ${first})`] : [];
    });
    return parts.length > 0 ? [parts.join(", ")] : [];
  }

  #leave(
    reason: "empty" | "outside" | "unknown",
    where: string,
    must: string,
    current: string,
    id: string,
  ): undefined {
    if (this.#policy[reason] === "error") {
      throw new Error(
        `Cannot use ${where} as ${must}: current value is ${current}; the option ${reason}=drop (--dataset.options.${reason}=drop) drops such boxes`,
      );
    }
    this.#count(reason, id);
  }

  #count(deed: keyof typeof deeds, id: string): void {
    const { count = 0, first = id } = this.#counts.get(deed) ?? {};
    this.#counts.set(deed, { count: count + 1, first });
  }
}

function clamp(edge: number, limit: number): number {
  return Math.min(Math.max(edge, 0), limit);
}
