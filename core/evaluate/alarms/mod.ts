/**
 * Alarms: signs that a figure is not what it seems.
 *
 * @module
 */
export { fewExamplesAlarms } from "../few_examples.ts";
export { type Alarm, type AlarmCheck, concerns, type Evidence, type Finding } from "./alarm.ts";
export { changedNothing } from "./failed_attacks.ts";
export { ALARMS, raiseAlarms, withAlarms } from "./table.ts";
export { type ProbeParts, probeSystem } from "../probes/probe.ts";
export { notNumberAlarms } from "../not_numbers.ts";
