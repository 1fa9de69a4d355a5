/**
 * A network that answers what is not a number is told of wherever its figures stand.
 */
import { createRandom, type Evaluation, formatSafetensors } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runHere } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { createBarNet } from "../bar_angle/network.ts";
import { begin } from "./small_run.ts";

/** A plugin whose network answers NaN for every other image of a batch, once its training is over. */
const plugin = `
import bars from ${JSON.stringify(pathToFileURL(begin[2]).href)};
import * as tf from ${JSON.stringify(import.meta.resolve("@realign/core/tf"))};
const break_ = (direction) => tf.tidy(() => {
  const odd = Array.from({ length: direction.shape[0] }, (_, row) => row % 2 ? NaN : 0);
  return tf.add(direction, tf.reshape(tf.tensor1d(odd), [-1, 1]));
});
const createTask = () => {
  const task = bars.createTask();
  return { ...task, createTarget: (...args) => {
    const target = task.createTarget(...args);
    return { ...target, forward: (images, mode) => {
      const output = target.forward(images, mode);
      return { ...output, direction: break_(output.direction) };
    } };
  } };
};
export default { ...bars, createTask };
`;

Deno.test("outputs that are not numbers are warned of, and their figures are marked", () =>
  withFolder(async (folder) => {
    const [mod, weights] = [join(folder, "mod.ts"), join(folder, "o.safetensors")];
    await Deno.writeTextFile(mod, plugin);
    await useTestBackend();
    using network = createBarNet("bar-net", createRandom(1));
    await Deno.writeFile(weights, formatSafetensors(await network.parameters.export(), {}));
    const args = [
      ...["evaluate", "--preset", "bars", "--plugin", mod, "--target-weights", weights],
      ...["--examples", "16", "--attacks", "none", "--cache", "off"],
    ];
    const json = await runHere([...args, "--json"]);
    assert.equal(json.code, 0, json.error);
    const { rows, warnings } = JSON.parse(json.out) as Evaluation;
    const warning = /^8 of 16 outputs of "none" are not numbers on clean images/;
    assert.equal(rows[0].notANumber, 8);
    assert.match(warnings[0], warning);
    const table = await runHere(args);
    assert.match(table.error, new RegExp(`^warning: ${warning.source.slice(1)}`, "m"));
    assert.match(table.out, /None \(O alone\) +[\d.]+†/);
    assert.match(table.out, /† some outputs are not numbers and count as wrong[;.]/);
  }));
