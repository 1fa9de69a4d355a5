import { createRandom } from "@realign/core";
import { assertTaskAdapter, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { createClassification } from "@realign/classification";

await useTestBackend();

for (const architecture of ["wrn-10-1", "resnet20"]) {
  Deno.test(`the classification task keeps to the core's contract with ${architecture}`, async () => {
    const images = tf.tensor4d(createRandom(1).uniforms(3 * 192, 0, 1), [3, 8, 8, 3]);
    const task = createClassification(["ant", "bee", "cat", "dog"], [8, 8]);
    const batch = { images, annotations: [{ class: 3 }, 0, { class: 1 }], impossible: 4 };
    await assertTaskAdapter(task, architecture, batch);
    images.dispose();
  });
}
