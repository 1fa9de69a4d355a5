/**
 * The page: chooses an image, attacks it, shows what came of it.
 *
 * @module
 */
import type { PageContent } from "../content.ts";
import { type Answer, answerOf, changeOf } from "./answers.ts";
import { type Client, startClient } from "./client.ts";
import {
  chosenEngine,
  chosenSettings,
  chosenVictim,
  element,
  showWork,
  tell,
  tellEpsilon,
  tellProblem,
} from "./controls.ts";
import { embeddedContent, embeddedWorker, unpack } from "./embedded.ts";
import { ENGINES } from "./engines.ts";
import { showFigure } from "./figures.ts";
import type { Attack, Begin, Ready } from "./messages.ts";
import type { Look } from "./network.ts";
import { differenceOf, readPicture } from "./pixels.ts";

/** An image with what was computed of it. */
interface Seen {
  readonly image: Float32Array;
  readonly look: Look;
}

/** Packed parts that are libraries, in the order in which they load. */
const LIBRARIES = ["tfjs", "wasm-engine", "webgpu-engine"];

/** Runs the page, or says why it cannot. */
export function startPage(): void {
  runPage().catch((error) => tellProblem(`Cannot start the page: ${error.message}`));
}

async function runPage(): Promise<void> {
  const content = embeddedContent();
  const { size, view, samples, seed } = content;
  const [height, width] = size;
  let client: Client | undefined;
  let clean: Seen | undefined;
  /** Grows with every image and engine: what is answered late is not shown. */
  let turn = 0;

  const first = await readPicture(blobOf(samples[0].image), size);
  const parts = await Promise.all([...LIBRARIES, "wasm", "model", "weights"].map(unpack));
  const [wasm, model, weights] = parts.slice(LIBRARIES.length);
  const begin: Begin = {
    kind: "begin",
    libraries: parts.slice(0, LIBRARIES.length),
    ...{ wasm, model, weights, sample: first, check: content.check },
    image: [1, height, width, 3],
    reference: view.shape,
  };

  /** Starts an engine, and goes on with the image that is shown. */
  async function start(): Promise<void> {
    const mine = ++turn;
    client?.end();
    showWork("starting");
    tellProblem();
    tell("Loading the networks …");
    const started = startClient(embeddedWorker(), { ...begin, engine: chosenEngine() });
    client = started;
    try {
      const ready = await started.ready;
      if (mine !== turn) return;
      report({ kind: "ready", ready });
      const { engine, milliseconds, difference, refused } = ready;
      const why = refused.length > 0 ? `, as ${refused.join("; ")}` : "";
      element("engine-used").textContent = `${engine} computes${why}. Ready in ${
        (milliseconds / 1000).toFixed(1)
      } s; its numbers differ by at most ${difference.toPrecision(1)} from the run's.`;
      await show(clean?.image ?? first);
    } catch (error) {
      if (mine === turn) tellProblem(`Cannot compute here: ${(error as Error).message}`);
    }
  }

  /** Shows an image, not attacked. */
  async function show(image: Float32Array): Promise<void> {
    const mine = ++turn;
    showWork("looking");
    tellProblem();
    try {
      const { look, milliseconds } = await client!.look(image);
      if (mine !== turn) return;
      clean = { image, look };
      const said = showSeen(content, clean, undefined);
      tell(
        `Restored in ${
          milliseconds.toFixed(0)
        } ms. The target says ${said.clean.text}; behind the defense ${said.restoredClean.text}.`,
      );
      report({ kind: "looked", clean, milliseconds });
    } catch (error) {
      if (mine === turn) tellProblem(`Cannot restore the image: ${(error as Error).message}`);
    }
    if (mine === turn) showWork("idle");
  }

  /** Attacks the image that is shown. */
  async function attack(): Promise<void> {
    if (!clean || !client) return;
    const mine = ++turn;
    const [from, settings, attacked] = [clean, chosenSettings(seed), chosenVictim()];
    const progress = element<HTMLProgressElement>("progress");
    [progress.max, progress.value] = [settings.steps, 0];
    showWork("attacking");
    tellProblem();
    tell(`Attacking with up to ${settings.steps} steps …`);
    try {
      const result = await client.attack(
        { image: from.image, attacked, settings },
        (step, gain) => {
          progress.value = step;
          element("gain").textContent = `step ${step} of ${settings.steps}, loss ${
            gain.toPrecision(3)
          }`;
        },
      );
      const { look } = await client.look(result.image);
      if (mine !== turn) return;
      tellProblem();
      const adversarial = { image: result.image, look };
      const said = showSeen(content, from, adversarial);
      const seconds = (result.milliseconds / 1000).toFixed(1);
      tell(
        `${
          result.steps < settings.steps ? "Stopped after" : "Attacked in"
        } ${result.steps} steps, ${seconds} s. Now the target says ${
          said.adversarial!.text
        }; behind the defense ${said.restored!.text}.`,
      );
      report({ kind: "attacked", adversarial, attack: result });
    } catch (error) {
      if (mine === turn) tellProblem(`Cannot attack the image: ${(error as Error).message}`);
    }
    if (mine === turn) showWork("idle");
  }

  /** Reads a file, and shows it. What was shown stays if it is no picture. */
  async function open(file: File): Promise<void> {
    tellProblem();
    const image = await readPicture(file, size).catch((error) =>
      tellProblem(`Cannot open ${file.name}: ${error.message}`)
    );
    if (!image) return;
    press(undefined);
    await show(image);
  }

  element("form").addEventListener("submit", (event) => {
    event.preventDefault();
    attack();
  });
  element("stop").addEventListener("click", () => client?.stop());
  element("epsilon").addEventListener("input", tellEpsilon);
  element("engine").addEventListener("change", start);
  const chooser = element<HTMLInputElement>("file");
  chooser.addEventListener("change", () => {
    const [file] = chooser.files!;
    // The same file may be chosen again later.
    chooser.value = "";
    if (file) open(file);
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (chooser.disabled) tellProblem("Cannot open an image during an attack: stop it first");
    else if (!file) tellProblem("Cannot open what was dropped: it is no file");
    else open(file);
  });
  for (const [k, button] of sampleButtons().entries()) {
    button.addEventListener("click", async () => {
      press(button);
      await show(await readPicture(blobOf(samples[k].image), size));
    });
  }
  tellEpsilon();
  press(sampleButtons()[0]);
  const wanted = new URLSearchParams(location.search).get("engine");
  const known = ENGINES.find((engine) => engine === wanted);
  if (known) element<HTMLSelectElement>("engine").value = known;
  await start();
}

/** Shows all pictures; returns what is said of them. */
function showSeen(
  { size, view }: PageContent,
  { image, look }: Seen,
  attacked: Seen | undefined,
): Record<"clean" | "restoredClean", Answer> & Partial<Record<"adversarial" | "restored", Answer>> {
  const own = answerOf(view, look.target);
  const withChange = (answer: Answer) => ({ answer, change: changeOf(answer, own) });
  const restoredClean = answerOf(view, look.system);
  showFigure("clean", size, { pixels: image, answer: own });
  showFigure("restored-clean", size, { pixels: look.restored, ...withChange(restoredClean) });
  if (!attacked) {
    for (const name of ["adversarial", "restored", "added", "left"] as const) {
      showFigure(name, size, undefined);
    }
    return { clean: own, restoredClean };
  }
  const [adversarial, restored] = [attacked.look.target, attacked.look.system]
    .map((outputs) => answerOf(view, outputs));
  const difference = (seen: Float32Array) => {
    const { pixels, magnification, greatest } = differenceOf(seen, image);
    return { pixels, note: `${magnification} times; at most ${greatest.toFixed(1)}/255` };
  };
  showFigure("adversarial", size, { pixels: attacked.image, ...withChange(adversarial) });
  showFigure("restored", size, { pixels: attacked.look.restored, ...withChange(restored) });
  showFigure("added", size, difference(attacked.image));
  showFigure("left", size, difference(attacked.look.restored));
  return { clean: own, restoredClean, adversarial, restored };
}

/** Tells scripts what was computed, in numbers: an event "realign" of the window. */
function report(
  detail:
    | { readonly kind: "ready"; readonly ready: Ready }
    | { readonly kind: "looked"; readonly clean: Seen; readonly milliseconds: number }
    | { readonly kind: "attacked"; readonly adversarial: Seen; readonly attack: Attack },
): void {
  dispatchEvent(new CustomEvent("realign", { detail }));
}

function sampleButtons(): HTMLButtonElement[] {
  return [...document.querySelectorAll<HTMLButtonElement>(".sample")];
}

/** Marks the sample that is shown. */
function press(button: HTMLButtonElement | undefined): void {
  for (const one of sampleButtons()) one.setAttribute("aria-pressed", String(one === button));
}

/** The bytes of a data URI. */
function blobOf(uri: string): Blob {
  const [, type, data] = /^data:([^;,]+);base64,(.*)$/s.exec(uri)!;
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type });
}
