/**
 * The page's controls, as they are set.
 *
 * @module
 */
import type { ClimbSettings } from "./climb.ts";
import { type Engine, ENGINES } from "./engines.ts";
import type { Attacked } from "./network.ts";

/** An element by its name. */
export function element<T extends HTMLElement>(name: string): T {
  return document.getElementById(name) as T;
}

/** What is attacked. */
export function chosenVictim(): Attacked {
  return element<HTMLInputElement>("attack-system").checked ? "system" : "target";
}

/** How. A step is a quarter of epsilon, as PGD has it where nothing else is said. */
export function chosenSettings(seed: number): ClimbSettings {
  const epsilon = element<HTMLInputElement>("epsilon").valueAsNumber / 255;
  const steps = element<HTMLInputElement>("steps").valueAsNumber;
  const isRandom = element<HTMLInputElement>("random-start").checked;
  return { epsilon, stepSize: epsilon / 4, steps, ...(isRandom && { seed }) };
}

/** The engine that is asked for; undefined to choose one. */
export function chosenEngine(): Engine | undefined {
  const { value } = element<HTMLSelectElement>("engine");
  return ENGINES.find((engine) => engine === value);
}

/** Says how far the slider is. */
export function tellEpsilon(): void {
  const slider = element<HTMLInputElement>("epsilon");
  const text = `${slider.value}/255`;
  element("epsilon-value").textContent = text;
  slider.setAttribute("aria-valuetext", text);
}

/** What can be done while something runs. */
export function showWork(work: "starting" | "idle" | "looking" | "attacking"): void {
  const [attack, stop] = ["attack", "stop"].map(element<HTMLButtonElement>);
  const hasFocus = [attack, stop].includes(document.activeElement as HTMLButtonElement);
  attack.disabled = work !== "idle";
  stop.disabled = work !== "attacking";
  // A button that is disabled loses the focus: the other one takes it.
  if (hasFocus) (work === "attacking" ? stop : attack).focus();
  document.querySelectorAll<HTMLButtonElement>(".sample").forEach((button) => {
    button.disabled = work === "attacking";
  });
  element<HTMLInputElement>("file").disabled = work === "attacking";
  element<HTMLSelectElement>("engine").disabled = work === "attacking";
  element("results").setAttribute("aria-busy", String(work === "looking" || work === "attacking"));
}

/** Says something to everybody, screen readers included. */
export function tell(text: string): void {
  element("status").textContent = text;
}

/** Says what went wrong, or takes it back. */
export function tellProblem(text = ""): void {
  const line = element("problem");
  // An alert is read out if it is there when its text comes.
  line.hidden = text === "";
  line.textContent = text;
  if (text !== "") line.scrollIntoView({ block: "nearest" });
}
