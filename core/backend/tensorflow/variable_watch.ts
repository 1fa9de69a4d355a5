/**
 * Watches all variables while a step is recorded, and from then on those that it reads as constants.
 *
 * @module
 */
import * as tf from "../../tf.ts";

/** A variable that a recording reads as a constant, with the value that it had. */
export interface CapturedVariable {
  readonly variable: tf.Variable;
  readonly dataId: tf.Variable["dataId"];
}

/** All variables with their values, held until they are put back. */
export class VariableWatch {
  readonly #held = Object.values(tf.engine().state.registeredVariables).map((variable) => ({
    variable,
    dataId: variable.dataId,
    value: tf.clone(variable),
    /** Of the stand-in that it has while the step is recorded. */
    during: variable.dataId,
  }));

  /**
   * Gives variables other data of the same value, so that those which share theirs, with each other or
   * with a tensor, are told apart.
   *
   * @param standIn Another tensor of a variable's value; undefined where none is to be had
   */
  replaceData(standIn: (variable: tf.Variable) => tf.Tensor | undefined): void {
    for (const held of this.#held) {
      const other = standIn(held.variable);
      if (!other) continue;
      held.variable.assign(other);
      other.dispose();
      held.during = held.variable.dataId;
    }
  }

  /**
   * Looks for variables that may not be assigned or made.
   *
   * @param listed Variables that may be assigned
   * @returns What was done to which variable, e.g. `makes the variable "a"`; undefined if nothing
   */
  findFault(listed: ReadonlySet<tf.Variable>): string | undefined {
    const assigned = this.#held.find(({ variable, during }) =>
      variable.dataId !== during && !listed.has(variable)
    );
    if (assigned) return `assigns the variable "${assigned.variable.name}", which is not listed`;
    const [made] = this.#made();
    return made && `makes the variable "${made.name}": make it before the step`;
  }

  /**
   * The variables that the step reads as constants, with the values they had before it.
   *
   * @param listed Variables that are no constants
   * @param isRead Whether the step reads a variable's present data
   */
  captured(
    listed: ReadonlySet<tf.Variable>,
    isRead: (variable: tf.Variable) => boolean,
  ): CapturedVariable[] {
    return this.#held
      .filter(({ variable }) => !listed.has(variable) && isRead(variable))
      .map(({ variable, dataId }) => ({ variable, dataId }));
  }

  /** Gives every variable the value that it had, and disposes what was made since. */
  restore(): void {
    for (const variable of this.#made()) variable.dispose();
    for (const { variable, dataId, value } of this.#held) {
      if (variable.dataId !== dataId && !variable.isDisposed) variable.assign(value);
      value.dispose();
    }
  }

  #made(): tf.Variable[] {
    const known = new Set(this.#held.map(({ variable }) => variable));
    return Object.values(tf.engine().state.registeredVariables)
      .filter((variable) => !known.has(variable));
  }
}

/**
 * Fails if a recording would go on with a value that a variable no longer has.
 *
 * @param captured What the recording reads as constants
 * @param name The step's, named in the error
 * @throws {Error} If one of them was assigned or disposed since
 */
export function assertUnchanged(captured: readonly CapturedVariable[], name: string): void {
  for (const { variable, dataId } of captured) {
    if (variable.dataId === dataId && !variable.isDisposed) continue;
    const change = variable.isDisposed ? "was disposed" : "has changed";
    throw new Error(
      `Cannot run "${name}" as the variable "${variable.name}" ${change} since the step was recorded: ` +
        "list it in the variables of record(), or record the step again",
    );
  }
}
