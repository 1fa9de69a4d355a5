/**
 * Watches all variables while a step is written down, so that none is left with a value that is none.
 *
 * @module
 */
import * as tf from "../../tf.ts";

/** All variables with their values, held until they are put back. */
export class VariableWatch {
  readonly #held = Object.values(tf.engine().state.registeredVariables).map((variable) => ({
    variable,
    dataId: variable.dataId,
    value: tf.clone(variable),
  }));

  /**
   * Looks for variables that may not be assigned or made.
   *
   * @param listed Variables that may be assigned
   * @returns What was done to which variable, e.g. `makes the variable "a"`; undefined if nothing
   */
  findFault(listed: readonly tf.Variable[]): string | undefined {
    const assigned = this.#held.find(({ variable, dataId }) =>
      variable.dataId !== dataId && !listed.includes(variable)
    );
    if (assigned) return `assigns the variable "${assigned.variable.name}", which is not listed`;
    const [made] = this.#made();
    return made && `makes the variable "${made.name}": make it before the step`;
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
