import assert from "node:assert/strict";
import { attackCost } from "./attack_cost.ts";

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
  const of = (version: string) => attackCost({ name: "autoattack", epsilon, version });
  assert.deepEqual(of("standard"), { gradients: 1900, forwards: 5000 });
  assert.deepEqual(of("rand"), { gradients: 4000, forwards: 0 });
  assert.ok(of("plus").gradients > of("standard").gradients);
});
