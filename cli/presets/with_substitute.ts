/**
 * Substitutes that the command line adds to a preset's evaluation, or that an evaluation must do without.
 *
 * @module
 */
import {
  attacksSubstitutes,
  hasWeights,
  type Preset,
  presetOn,
  type SubstituteSettings,
  THREAT_MODELS,
} from "@realign/core";

type Evaluation = Preset["evaluation"];

/**
 * A name for a substitute that has none, which settings and files can hold.
 *
 * @param architecture Its architecture, e.g. "rfb300-vgg16-w0.5"
 * @returns E.g. "rfb300-vgg16-w0-5"
 */
export function substituteName(architecture: string): string {
  return architecture.replaceAll(/[^A-Za-z0-9_]+/g, "-").replace(/^-/, "");
}

/**
 * An evaluation that attacks other substitutes than the preset's.
 *
 * @param evaluation A preset's
 * @param substitutes All that are attacked; none drops the threat models that need one
 * @returns The evaluation; if it attacks no substitute yet, with the attacks of the oblivious attacker
 */
export function withSubstitutes(
  evaluation: Evaluation,
  substitutes: Readonly<Record<string, SubstituteSettings>>,
): Evaluation {
  const { substitutes: _, threatModels, ...rest } = evaluation;
  if (Object.keys(substitutes).length === 0) {
    const others = Object.entries(threatModels).filter(([name]) =>
      !THREAT_MODELS[name]?.bySubstitutes
    );
    return { ...rest, threatModels: Object.fromEntries(others) };
  }
  const { oblivious, transfer = { attacks: oblivious?.attacks ?? {} } } = threatModels;
  return { ...rest, substitutes, threatModels: { ...threatModels, transfer } };
}

/** An evaluation without substitutes that only a run would train. */
export function withoutUntrained(
  preset: Preset,
  note: (text: string) => void,
): Preset["evaluation"] {
  const { evaluation, evaluation: { substitutes = {} } } = preset;
  const known = Object.entries(substitutes)
    .filter(([, own]) => hasWeights(presetOn(preset, own).target));
  if (!attacksSubstitutes(evaluation) || known.length === Object.keys(substitutes).length) {
    return evaluation;
  }
  note("substitutes without weights are not attacked: name one with --substitute");
  return withSubstitutes(evaluation, Object.fromEntries(known));
}
