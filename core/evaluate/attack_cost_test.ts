import assert from "node:assert/strict";
import { type AskedVictim, attackCost } from "./attack_cost.ts";

const epsilon = 0.1;

Deno.test("attackCost multiplies steps, restarts and candidates, and adds up members", () => {
  const gradients = (settings: object) => attackCost({ name: "x", epsilon, ...settings });
  assert.deepEqual(gradients({}), { gradients: 1, forwards: 0 });
  assert.deepEqual(gradients({ steps: 50, candidates: 10 }), { gradients: 500, forwards: 0 });
  assert.deepEqual(gradients({ draws: 100 }), { gradients: 0, forwards: 100 });
  const members = [{ name: "pgd", steps: 10 }, { name: "square", queries: 30 }];
  assert.deepEqual(gradients({ members, restarts: 2 }), { gradients: 20, forwards: 60 });
});

Deno.test("attackCost knows AutoAttack's versions", () => {
  const of = (version: string, victim?: AskedVictim) =>
    attackCost({ name: "autoattack", epsilon, version, draws: 20 }, victim);
  assert.deepEqual(of("standard"), { gradients: 1900, forwards: 5000 });
  assert.deepEqual(of("standard", { random: true }), { gradients: 1900, forwards: 50_000 });
  assert.deepEqual(of("rand"), { gradients: 4000, forwards: 0 });
  assert.deepEqual(of("rand", { random: true, averaged: true }), { gradients: 200, forwards: 0 });
  assert.ok(of("plus").gradients > of("standard").gradients);
});

Deno.test("attackCost counts the draws by which images are judged on random victims, and HopSkipJump's probes", () => {
  const random = (settings: object) =>
    attackCost({ name: "x", epsilon, ...settings }, { random: true });
  assert.deepEqual(random({ queries: 30, restarts: 2 }), { gradients: 0, forwards: 600 });
  assert.deepEqual(random({ draws: 100 }), { gradients: 0, forwards: 1000 });
  assert.deepEqual(random({ steps: 20 }), { gradients: 20, forwards: 0 });
  const jump = { name: "hop-skip-jump", epsilon, steps: 4, probes: 100 };
  assert.deepEqual(attackCost(jump), { gradients: 0, forwards: 100 + 141 + 173 + 200 });
  assert.equal(attackCost({ ...jump, steps: 2, probes: 9000 }).forwards, 19_000);
});
