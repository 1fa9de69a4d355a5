import assert from "node:assert/strict";
import { createRandom, neighbourAgreement } from "@realign/core";
import { embed, ITERATIONS } from "./embed.ts";

/** Three clusters in ten dimensions. */
function clusters(): { vectors: Float32Array[]; classes: number[] } {
  const random = createRandom(3, "clusters");
  const classes = Array.from({ length: 45 }, (_, at) => at % 3);
  const vectors = classes.map((index) => {
    const noise = random.normals(10, 0.1);
    noise[index] += 4;
    return noise;
  });
  return { vectors, classes };
}

Deno.test("embed() keeps clusters together, in the unit square, and repeats by seed", async () => {
  const { vectors, classes } = clusters();
  let steps = 0;
  const count = (done: number) => Promise.resolve(void (steps = done));
  const points = await embed(vectors, 5, count);
  assert.equal(steps, ITERATIONS);
  assert.equal(neighbourAgreement({ vectors: points, classes }), 1);
  const values = points.flat();
  assert.deepEqual([Math.min(...values), Math.max(...values)], [0, 1]);
  assert.deepEqual(await embed(vectors, 5, count), points);
  assert.notDeepEqual(await embed(vectors, 6, count), points);
});

Deno.test("embed() ends when it is told to", async () => {
  const { vectors } = clusters();
  const stop = (done: number) => done < 3 ? Promise.resolve() : Promise.reject(new Error("enough"));
  await assert.rejects(embed(vectors, 5, stop), /enough/);
});
