/**
 * A sign of robustness that only hides its gradient: a part without one that nobody attacked through.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { attacksOn } from "./compare.ts";

/** Raised where a defense has no exact gradient and no attack approximated it (BPDA, Athalye et al. 2018). */
export const gradientFreePart: AlarmCheck = {
  sign: "a defense has a part without a gradient, and no whitebox attack approximated it (BPDA)",
  remedy: "name the system in evaluation.threatModels.whitebox.systems",
  find: ({ rows, systems }) =>
    systems.flatMap(({ name: system, gradient = "exact" }) => {
      const attacks = attacksOn(rows, system);
      const isTried = attacks.some(({ threatModel, gradient }) =>
        threatModel === "whitebox" && gradient !== undefined && gradient !== "bpda-identity"
      );
      if (gradient === "exact" || isTried || attacks.length === 0) return [];
      const how = gradient === "none" ? "not even an approximate one" : "only an approximate one";
      return [{
        system,
        text:
          `"${system}" has a part without a gradient (${how}) and no whitebox attack went through an ` +
          "approximation of it (BPDA): that a gradient is hidden is no robustness",
        numbers: { whiteboxAttacks: 0, attacks: attacks.length },
      }];
    }),
};
