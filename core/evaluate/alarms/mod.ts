/**
 * Alarms: signs that a figure is not what it seems.
 *
 * @module
 */
export { fewExamplesAlarms } from "../few_examples.ts";
export { type AlarmCheck, concerns, type Evidence } from "./alarm.ts";
export type { Alarm, Finding } from "./finding.ts";
export { changedNothing } from "./failed_attacks.ts";
export { ALARMS, raiseAlarms, withAlarms } from "./table.ts";
export { PROBE_EXAMPLES, type ProbeParts, probeSystem } from "../probes/probe.ts";
export { notNumberAlarms } from "../not_numbers.ts";
