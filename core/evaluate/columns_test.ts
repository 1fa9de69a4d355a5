import assert from "node:assert/strict";
import { identityDefense, isRandom, jpegDefense } from "../defenses/mod.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createToyTask, type ToyOutput } from "../testing/toy_task.ts";
import { checkEvaluation, type Column, columnsOf } from "./columns.ts";
import { createSystems, type System, undefended } from "./system.ts";

await useTestBackend();

const task = createToyTask();
const [target, robust] = [1, 2].map((seed) => task.createTarget("toy-net", createRandom(seed)));
const pgd = { name: "pgd", epsilon: 0.1 };
const { gradient: _, ...jpeg } = jpegDefense((picture) => Promise.resolve(picture), 75);
const systems: System<ToyOutput>[] = [
  undefended(target),
  { name: "same", title: "Same", target, defense: { ...identityDefense } },
  { name: "jpeg", title: "JPEG", target, defense: jpeg },
  { name: "robust", title: "O'", target: robust },
];

const substitutes = ["first", "second"].map((name, index) => ({
  name,
  target: task.createTarget("toy-net", createRandom(5 + index)),
}));

const columns = (
  threatModels: Preset["evaluation"]["threatModels"],
  given: typeof substitutes = [],
) => columnsOf({ threatModels }, systems, given);
const shown = (list: Column<ToyOutput>[]) =>
  list.map(({ threatModel, attack, systems }) =>
    [threatModel, attack, ...systems.map(({ name }) => name)].join(" ")
  );

Deno.test("columnsOf gives clean images, then each attack on each target model alone", () => {
  const list = columns({ oblivious: { attacks: { a: pgd, b: pgd } } });
  assert.deepEqual(shown(list), [
    "none clean none same jpeg robust",
    "oblivious a none same jpeg",
    "oblivious b none same jpeg",
    "oblivious a robust",
    "oblivious b robust",
  ]);
  assert.deepEqual(list.map(({ attacked }) => attacked?.target), [
    undefined,
    target,
    target,
    robust,
    robust,
  ]);
});

Deno.test("columnsOf attacks through every defense, with a gradient or without, or through those named", () => {
  assert.deepEqual(shown(columns({ whitebox: { attacks: { a: pgd } } })).slice(1), [
    "whitebox a none",
    "whitebox a same",
    "whitebox a jpeg",
    "whitebox a robust",
  ]);
  const some = { attacks: { a: pgd, b: pgd }, systems: ["robust", "same"], draws: 7 };
  const [clean, first, , last] = columns({ whitebox: some });
  assert.deepEqual([clean.draws, first.draws, last.draws], [undefined, 7, 7]);
  assert.deepEqual([first.attacked, last.attacked], [
    { target: robust },
    { target, defense: systems[1].defense },
  ]);
});

Deno.test("columnsOf attacks each substitute once for all systems, O' included", () => {
  const list = columns({ transfer: { attacks: { a: pgd, b: pgd } } }, substitutes).slice(1);
  assert.deepEqual(shown(list), [
    "transfer a none same jpeg robust",
    "transfer b none same jpeg robust",
    "transfer a none same jpeg robust",
    "transfer b none same jpeg robust",
  ]);
  assert.deepEqual(list.map(({ attacked }) => [attacked?.substitute, attacked?.target]), [
    ["first", substitutes[0].target],
    ["first", substitutes[0].target],
    ["second", substitutes[1].target],
    ["second", substitutes[1].target],
  ]);
  const some = { attacks: { a: pgd }, systems: ["jpeg"] };
  assert.deepEqual(shown(columns({ transfer: some }, substitutes)).slice(1), [
    "transfer a jpeg",
    "transfer a jpeg",
  ]);
});

Deno.test("columnsOf and checkEvaluation refuse transfer without a substitute, and its odd name", () => {
  const message =
    /Cannot evaluate "transfer" as evaluation\.substitutes must name a model .*: there is none/;
  const threatModels = { transfer: { attacks: { a: pgd } } };
  assert.throws(() => columns(threatModels), message);
  const rest = { batchSize: 4, examples: 0, systems: {} };
  assert.throws(() => checkEvaluation({ ...rest, threatModels }), message);
  const named = (name: string) => () =>
    checkEvaluation({ ...rest, threatModels, substitutes: { [name]: { weights: "" } } });
  named("wrn-10-2")();
  for (const name of ["../x", "", "a/b", "w0.5", "-x"]) {
    assert.throws(named(name), /Cannot name a substitute ".*" as it must be of letters, digits/);
  }
});

Deno.test("columnsOf refuses what is not there", () => {
  const whitebox = (...systems: string[]) => () =>
    columns({ whitebox: { attacks: { a: pgd }, systems } });
  assert.throws(whitebox("robist"), /the system "robist" is unknown: did you mean "robust"/);
  const misspelt = () => columns({ whitebx: { attacks: { a: pgd } } });
  assert.throws(misspelt, /the threat model "whitebx" is unknown: did you mean "whitebox"/);
  assert.deepEqual(shown(columns({ whitebox: { attacks: {}, systems: ["robist"] } })).length, 1);
});

Deno.test("createSystems gives titles and roles by the table, and shares another target", async () => {
  const opened: string[] = [];
  const other = { weights: "robust.safetensors" };
  const kit = { jpegRoundTrip: <T>(picture: T) => Promise.resolve(picture) };
  using made = await createSystems<ToyOutput>({
    control: { defenses: [{ name: "identity" }] },
    chain: { defenses: [{ name: "jpeg" }, { name: "random-resize-pad" }] },
    robust: { defenses: [], target: other },
    "robust+jpeg": { defenses: [{ name: "jpeg" }], target: other, title: "Both" },
    frozen: { defenses: [{ name: "random-resize-pad" }], frozen: true },
  }, {
    target,
    kit,
    openTarget: ({ weights }) => {
      opened.push(weights);
      return Promise.resolve(task.createTarget("toy-net", createRandom(3)));
    },
  });
  assert.deepEqual(made.list.map(({ name, title, role }) => [name, title, role]), [
    ["none", "None (O alone)", "undefended"],
    ["control", "Identity (resizing only)", "control"],
    ["chain", "JPEG, then Random resizing and padding", "other"],
    ["robust", "O' (toy-net)", "other"],
    ["robust+jpeg", "Both", "other"],
    ["frozen", "Random resizing and padding (frozen)", "other"],
  ]);
  assert.deepEqual(made.list.map(({ defense }) => defense && isRandom(defense)), [
    undefined,
    false,
    true,
    undefined,
    false,
    false,
  ]);
  assert.deepEqual(opened, ["robust.safetensors"]);
  assert.equal(made.list[3].target, made.list[4].target);
});

Deno.test("createSystems refuses O alone by another name, and targets that nothing opens", async () => {
  const fails = (settings: Parameters<typeof createSystems>[0], message: RegExp) =>
    assert.rejects(createSystems(settings, { target }), message);
  await fails({ none: { defenses: [{ name: "identity" }] } }, /this name is reserved for O alone/);
  await fails({ empty: { defenses: [] } }, /must have a defense or another target/);
  await fails(
    { other: { defenses: [], target: { weights: "x" } } },
    /no function to open its target x/,
  );
});
