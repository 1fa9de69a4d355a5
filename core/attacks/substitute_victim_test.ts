import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak } from "../testing/mod.ts";
import type { ToyOutput } from "../testing/toy_task.ts";
import { gradientOf, images, labels, target, task } from "../testing/toy_victims.ts";
import * as tf from "../tf.ts";
import { createAttack } from "./mod.ts";
import { exactVictim, substituteVictim } from "./system_victims.ts";

const random = createRandom(1);

Deno.test("substituteVictim answers for itself and ascends by the other", async () => {
  using other = task.createTarget("toy-net", createRandom(2));
  const victim = substituteVictim(
    exactVictim({ task, target }),
    exactVictim({ task, target: other }),
  );
  assertClose(
    await gradientOf(victim),
    await gradientOf(exactVictim({ task, target: other })),
    1e-6,
  );
  using read = victim.forward(
    (output: ToyOutput, _: tf.TensorContainerObject) => output.logits,
    "read",
  );
  assertClose(await read(images, {}, random), target.forward(images).logits, 1e-5);
  const { ascend: _, ...black } = exactVictim({ task, target: other });
  assert.throws(
    () => substituteVictim(exactVictim({ task, target }), black),
    /the substitute has no gradient/,
  );
});

Deno.test("an attack by a substitute's gradient climbs what the substitute says, compared with what the substitute said", async () => {
  using other = task.createTarget("toy-net", createRandom(2));
  const alone = exactVictim({ task, target: other });
  const victim = substituteVictim(exactVictim({ task, target }), alone);
  for (const objective of ["kl", "cross-entropy"]) {
    const settings = { name: "pgd", epsilon: 0.1, stepSize: 0.05, objective, return: "best" };
    using through = createAttack(settings, victim);
    using expected = createAttack(settings, alone);
    assertClose(
      await through.perturb(images, labels, createRandom(1)),
      await expected.perturb(images, labels, createRandom(1)),
      1e-6,
    );
  }
});

Deno.test("restarts by a substitute's gradient are chosen by what the victim says, compared with what the victim said", async () => {
  using other = task.createTarget("toy-net", createRandom(2));
  const own = exactVictim({ task, target });
  const references: tf.Tensor[] = [];
  const watched: typeof own = {
    ...own,
    forward: (read, name) => {
      const query = own.forward(read, name);
      const asked = (...[images, given, random]: Parameters<typeof query>) => {
        if (name === "pgd: judge") {
          const { reference } = given as unknown as { reference: ToyOutput };
          references.push(tf.clone(reference.logits));
        }
        return query(images, given, random);
      };
      return Object.assign(asked, { [Symbol.dispose]: () => query[Symbol.dispose]() });
    },
  };
  const victim = substituteVictim(watched, exactVictim({ task, target: other }));
  const settings = { name: "pgd", epsilon: 0.1, objective: "kl", restarts: 2, steps: 2 };
  using attack = createAttack(settings, victim);
  await assertNoLeak(async () => {
    tf.dispose(await attack.perturb(images, labels, createRandom(1)));
    tf.dispose(references.splice(0, references.length - 2));
  });
  assert.equal(references.length, 2);
  for (const logits of references) assertClose(logits, target.forward(images).logits, 1e-5);
});
