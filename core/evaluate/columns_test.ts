import assert from "node:assert/strict";
import { identityDefense, jpegDefense } from "../defenses/mod.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createToyTask, type ToyOutput } from "../testing/toy_task.ts";
import { type Column, columnsOf } from "./columns.ts";
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

const columns = (threatModels: Preset["evaluation"]["threatModels"]) =>
  columnsOf({ threatModels }, systems);
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

Deno.test("columnsOf attacks through every defense that has a gradient, or through those named", () => {
  assert.deepEqual(shown(columns({ whitebox: { attacks: { a: pgd } } })).slice(1), [
    "whitebox a none",
    "whitebox a same",
    "whitebox a robust",
  ]);
  const some = { attacks: { a: pgd, b: pgd }, systems: ["robust", "same"] };
  const [, first, , last] = columns({ whitebox: some });
  assert.deepEqual([first.attacked, last.attacked], [
    { target: robust },
    { target, defense: systems[1].defense },
  ]);
});

Deno.test("columnsOf refuses what cannot be attacked or is not there", () => {
  const whitebox = (...systems: string[]) => () =>
    columns({ whitebox: { attacks: { a: pgd }, systems } });
  assert.throws(whitebox("jpeg"), /Cannot attack through "jpeg" as it has no gradient/);
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
  ]);
  assert.deepEqual(opened, ["robust.safetensors"]);
  assert.equal(made.list[3].target, made.list[4].target);
});

Deno.test("createSystems refuses O alone by another name, and targets that nothing opens", async () => {
  const fails = (settings: Parameters<typeof createSystems>[0], message: RegExp) =>
    assert.rejects(createSystems(settings, { target }), message);
  await fails({ none: { defenses: [{ name: "identity" }] } }, /this name is reserved for O alone/);
  await fails({ empty: { defenses: [] } }, /must have defenses or another target/);
  await fails(
    { other: { defenses: [], target: { weights: "x" } } },
    /no function to open its target x/,
  );
});
