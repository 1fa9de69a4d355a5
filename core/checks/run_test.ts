import assert from "node:assert/strict";
import { checkRun, checkTarget } from "./run.ts";
import type { Augmentation, Dataset } from "../dataset.ts";
import type { AttackSettings, Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import type { TaskAdapter } from "../task.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createToyDataset, createToyTask, type ToyOutput, toyPreset } from "../testing/toy_task.ts";

await useTestBackend();

const dataset = createToyDataset(9);
const task = createToyTask();

type ToyTask = TaskAdapter<ToyOutput, tf.Tensor1D, number>;

async function check(preset: Partial<Preset>, changed: Partial<ToyTask> = {}): Promise<void> {
  const one = { ...task, ...changed };
  using target = one.createTarget("toy-net", createRandom(1));
  await checkRun({ preset: { ...toyPreset, ...preset }, task: one, target, dataset });
}

type Attacks = Readonly<Record<string, AttackSettings>>;
const withEvaluation = (evaluation: Partial<Preset["evaluation"]>) => ({
  evaluation: { ...toyPreset.evaluation, ...evaluation },
});
const withAttacks = (attacks: Attacks, whitebox = attacks) =>
  withEvaluation({
    threatModels: { oblivious: { attacks }, whitebox: { attacks: whitebox } },
  });

Deno.test("checkRun lets a preset pass, and leaves no tensors behind", async () => {
  await assertNoLeak(() => check({}));
});

Deno.test("checkRun names what a preset asks for and the task has not", async () => {
  const pgd = { name: "pgd", epsilon: 0.1 };
  const train = { ...toyPreset.train, augmentation: "flop" };
  const target = {
    ...toyPreset.target,
    train: { ...toyPreset.target.train, augmentation: "rotate" },
  };
  for (
    const [preset, message] of [
      [{ train }, /the augmentation "[a-z]*" is unknown: did you mean "flip"/],
      [{ target }, /the augmentation "rotate" is unknown: known are "none", "flip"/],
      [{ attack: { ...pgd, objective: "kll" } }, /did you mean "kl"/],
      [withAttacks({ x: { ...pgd, name: "pgt" } }), /did you mean "pgd"/],
      [withAttacks({}, { x: { ...pgd, steps: -1 } }), /steps/],
    ] as const
  ) await assert.rejects(check(preset), { name: "RangeError", message });
});

Deno.test("checkRun refuses features and label images that the task has not", async () => {
  const { losses, discriminator } = toyPreset;
  const asked = {
    losses: { ...losses, features: "logits", ignored: "class" },
    discriminator: { ...discriminator, condition: "labels" },
  } as const;
  await check(asked);
  const bare = { features: undefined, labelImages: undefined };
  for (
    const [preset, message] of [
      [
        { losses: { ...losses, features: "logits" } },
        /train toy as the features "logits" is unknown/,
      ],
      [{ discriminator: asked.discriminator }, /condition D on labels as toy has no label images/],
      [
        { losses: { ...losses, reconstructionFeatures: "map" as const } },
        /as toy has no map of features: set losses\.reconstructionFeatures to "rows"/,
      ],
      [{ losses: { ...losses, ignored: "class" } }, /ignored rows as a class as toy has no label/],
    ] as const
  ) await assert.rejects(check(preset, bare), { name: "RangeError", message });
  const broken = {
    logits: ({ logits }: ToyOutput, classes: tf.Tensor1D) => ({
      vectors: tf.mul(logits, NaN) as tf.Tensor2D,
      classes,
    }),
  };
  await assert.rejects(check(asked, { features: broken }), /features must be finite/);
});

Deno.test("checkRun refuses to keep images of an L2 ball, before O is trained", async () => {
  const attack = { name: "pgd", epsilon: 1, norm: "l2" };
  const keep = (attackCache: number) => ({ attack, train: { ...toyPreset.train, attackCache } });
  await assert.rejects(check(keep(1)), /its ball is that of the L2 norm/);
  await check(keep(0));
});

Deno.test("checkRun refuses a G, portions and weights that training could not go on with", async () => {
  const { generator, train, losses } = toyPreset;
  const weights = { ...losses.weights, task: -1 };
  for (
    const [preset, message] of [
      [{ generator: { ...generator, size: [9, 8] } }, /multiples of 2 .*\[9, 8\]/],
      [{ train: { ...train, accumulate: 4 } }, /train\.accumulate must divide .*, 6: .* is 4/],
      [{ train: { ...train, adversary: "system" } }, /attackCache must be 0 .*: .* is 2/],
      [{ losses: { ...losses, weights } }, /the weight of task must be a number of at least 0/],
    ] as const
  ) await assert.rejects(check(preset), { name: "RangeError", message });
});

Deno.test("checkRun names what a task gives in another shape, type or range", async () => {
  const features = task.extractFeatures;
  for (
    const [changed, name, message] of [
      [
        { taskLoss: ({ logits }) => tf.mean(logits, 1) as unknown as tf.Scalar },
        "TypeError",
        /taskLoss must give one number, of shape \[\]: current value is \[9\]/,
      ],
      [
        { taskLoss: () => tf.scalar(NaN) },
        "TypeError",
        /taskLoss must be finite: current value is "NaN"/,
      ],
      [
        { augmentations: { ...task.augmentations, flip: () => null as never } },
        "TypeError",
        /^Cannot use the augmentation "flip" of toy: /,
      ],
      [
        {
          extractFeatures: (output, labels) => ({
            ...features(output, labels),
            classes: tf.cast(labels, "float32"),
          }),
        },
        "TypeError",
        /must be int32: current value is "float32"/,
      ],
      [
        {
          extractFeatures: (output, labels) => ({
            ...features(output, labels),
            classes: tf.slice(labels, 0, 4),
          }),
        },
        "TypeError",
        /must have classes of \[N\]: current value is \[4\]/,
      ],
      [{ classCount: 2 }, "RangeError", /below its classCount of 2, or -1: current value is 2/],
    ] as readonly (readonly [Partial<ToyTask>, string, RegExp])[]
  ) await assert.rejects(check({}, changed), { name, message });
});

Deno.test("checkRun names a defense, threat model or system that there is not", async () => {
  const systems = { mine: { defenses: [{ name: "jpeg", qualty: 5 }] } };
  await assert.rejects(check(withEvaluation({ systems })), /did you mean "quality"/);
  const unknown = { transfr: { attacks: {} } };
  await assert.rejects(
    check(withEvaluation({ threatModels: unknown })),
    /the threat model "transfr" is unknown: did you mean "transfer"/,
  );
  const threatModels = { whitebox: { attacks: {}, systems: ["mime"] } };
  const named = { mine: { defenses: [{ name: "jpeg" }] } };
  await assert.rejects(
    check(withEvaluation({ systems: named, threatModels })),
    /the system "mime" is unknown: did you mean "mine"/,
  );
  await assert.rejects(
    check(withEvaluation({ systems: { empty: { defenses: [] } } })),
    /the system "empty" as it must have a defense or another target/,
  );
});

Deno.test("checkRun refuses a rate of heads that O does not tell, if O is to be trained", async () => {
  const { target } = toyPreset;
  const trained = { ...target, train: { ...target.train, headRate: 10 } };
  await assert.rejects(check({ target: trained }), {
    name: "RangeError",
    message:
      /^Cannot train "toy-net" with another rate for its heads .*: set target\.train\.headRate to 1/,
  });
  await check({ target: { ...trained, weights: "o.safetensors" } });
});

/** Pictures larger than O takes, and an augmentation that cuts them. */
const larger: Dataset<number> = {
  ...dataset,
  async read(index) {
    const example = await dataset.read(index);
    const { picture: { height, width, pixels } } = example;
    const twice = new Uint8Array([...pixels, ...pixels]);
    return { ...example, picture: { height: 2 * height, width, pixels: twice } };
  },
};
const upper: Augmentation<number> = ({ picture, ...example }) => ({
  ...example,
  picture: { height: 8, width: 8, pixels: picture.pixels.slice(0, 8 * 8 * 3) },
});
const cutting = { ...task, augmentations: { upper } };
const cut = { ...toyPreset.train, augmentation: "upper" };

Deno.test("checkTarget sees examples as they look in training, if it is given a preset", async () => {
  using target = cutting.createTarget("toy-net", createRandom(1));
  const source = { task: cutting, target, dataset: larger };
  await assert.rejects(checkTarget(source), /its size must be 8x8: current size is 16x8/);
  await checkTarget({ ...source, preset: { ...toyPreset, train: cut } });
});

Deno.test("checkRun tries a rival on examples as they look in training", async () => {
  using target = cutting.createTarget("toy-net", createRandom(1));
  const own = { ...toyPreset.target, train: { ...toyPreset.target.train, augmentation: "upper" } };
  const recipe = { name: "ape-gan", width: 2 };
  const preset = { ...toyPreset, target: own, train: cut, recipe };
  await checkRun({ preset, task: cutting, target, dataset: larger });
});

Deno.test("checkRun reads what a guard measures, before anything is trained", async () => {
  const own = { ...toyPreset.target, train: { ...toyPreset.target.train, augmentation: "upper" } };
  const guard = { examples: 3, attack: { name: "pgd", epsilon: 0.1, steps: 1 } };
  const preset = { ...toyPreset, target: own, train: { ...cut, attackCache: 0, guard } };
  using target = cutting.createTarget("toy-net", createRandom(1));
  const source = { preset, task: cutting, target, dataset: larger };
  await assert.rejects(checkRun(source), {
    name: "TypeError",
    message: /^Cannot measure the examples that train\.guard holds out: .* must be 8x8/,
  });
  const window = { picture: [8, 8], stride: [8, 8], mirror: false } as const;
  const cutWindows = (whole: Dataset<number>): Dataset<number> => ({
    ...whole,
    read: async (index) => upper(await whole.read(index), createRandom(1)),
  });
  await checkRun({
    ...source,
    preset: { ...preset, ...withEvaluation({ window }) },
    task: { ...cutting, cutWindows },
  });
});
