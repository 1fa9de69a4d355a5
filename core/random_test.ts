import assert from "node:assert/strict";
import { createRandom, withoutDraws } from "./random.ts";

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

Deno.test("createRandom opens the same stream for the same seed and path, wherever it is forked", () => {
  const draw = (random = createRandom(7, "augment", 2, 5)) =>
    Array.from({ length: 8 }, () => random.next());
  assert.deepEqual(draw(), draw());
  assert.deepEqual(draw(createRandom(7).fork("augment").fork(2, 5)), draw());
});

Deno.test("createRandom's forks are moved by no draw of another stream", () => {
  const parent = createRandom(7, "a");
  const early = parent.fork("b").next();
  parent.normals(100, 1);
  parent.fork("c").next();
  assert.equal(parent.fork("b").next(), early);
});

Deno.test("createRandom's streams of other paths and seeds have nothing to do with each other", () => {
  const paths = [[1], [2], [1, 1], [11], ["a"], ["b"], ["a", 0], ["a", 1], ["a", 2], ["a", 10]];
  const firsts = paths.map((path) => createRandom(7, ...path).next());
  assert.equal(new Set([...firsts, createRandom(8, 1).next()]).size, paths.length + 1);
  // First and later draws over neighbouring paths are spread evenly and do not follow one another.
  const count = 4000;
  for (const skip of [0, 3]) {
    const draws = Array.from({ length: count }, (_, index) => {
      const random = createRandom(1, "augment", index);
      for (let draw = 0; draw < skip; draw++) random.next();
      return random.next() - 0.5;
    });
    const error = 4 / Math.sqrt(12 * count); // four deviations of a mean of uniforms
    assert.ok(Math.abs(mean(draws)) < error);
    const products = draws.slice(1).map((draw, index) => 12 * draw * draws[index]);
    assert.ok(Math.abs(mean(products)) < 4 / Math.sqrt(count));
  }
});

Deno.test("Random.uniforms fill the range evenly and stay within it", () => {
  const values = createRandom(3).uniforms(20_000, -0.25, 0.75);
  assert.ok(values.every((value) => value >= -0.25 && value <= 0.75));
  const tenths = new Array(10).fill(0);
  for (const value of values) tenths[Math.min(9, Math.floor((value + 0.25) * 10))]++;
  assert.ok(tenths.every((count) => Math.abs(count - 2000) < 5 * Math.sqrt(1800)), `${tenths}`);
});

Deno.test("Random.normals have mean 0, the deviation asked for, and a normal's tails", () => {
  const values = createRandom(4).normals(20_000, 3);
  assert.ok(values.every(Number.isFinite));
  assert.ok(Math.abs(mean(values)) < 4 * 3 / Math.sqrt(20_000));
  assert.ok(Math.abs(mean(values.map((value) => value ** 2)) / 9 - 1) < 0.05);
  const beyond = values.filter((value) => Math.abs(value) > 1.96 * 3).length / values.length;
  assert.ok(Math.abs(beyond - 0.05) < 0.008, `${beyond}`);
});

Deno.test("Random.integer takes every integer below the limit", () => {
  const random = createRandom(5);
  const seen = new Set(Array.from({ length: 200 }, () => random.integer(7)));
  assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6]);
});

Deno.test("Random.permutation holds every number once, and puts each anywhere", () => {
  const order = createRandom(6).permutation(1000);
  assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  assert.deepEqual([...createRandom(6).permutation(0)], []);
  const places = Array.from({ length: 3 }, () => [0, 0, 0]);
  for (let draw = 0; draw < 3000; draw++) {
    createRandom(6, draw).permutation(3).forEach((number, place) => places[number][place]++);
  }
  assert.ok(places.flat().every((count) => Math.abs(count - 1000) < 5 * Math.sqrt(667)));
});

Deno.test("withoutDraws refuses draws in its body alone, nested and after a failure", () => {
  const random = createRandom(1);
  const original = Math.random;
  assert.equal(withoutDraws("outer", () => 5), 5);
  withoutDraws("outer", () => {
    assert.throws(() => random.next(), /Cannot outer as it draws a random number/);
    assert.throws(() => withoutDraws("inner", () => random.normal()), /Cannot inner as it draws/);
    assert.throws(() => Math.random(), /Cannot outer as it draws a random number/);
    assert.throws(() => createRandom(2).permutation(3), /Cannot outer/);
  });
  assert.throws(() =>
    withoutDraws("outer", () => {
      throw new Error("broken");
    }), /broken/);
  assert.equal(Math.random, original);
  assert.ok(random.next() < 1);
});
