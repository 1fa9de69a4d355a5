import assert from "node:assert/strict";
import { samplePreset } from "../testing.ts";
import { chainNamed, withNamedSystems } from "./named_systems.ts";

Deno.test("chainNamed takes names of the table in order, and no others", () => {
  assert.deepEqual(chainNamed("tvm+quilting"), [{ name: "tvm" }, { name: "quilting" }]);
  for (const name of ["generator+", "", "none", "toString", "tvm+quiltng"]) {
    assert.equal(chainNamed(name), undefined, name);
  }
});

Deno.test("withNamedSystems adds chains that a preset has not, and leaves its own", () => {
  const named = withNamedSystems(samplePreset, "jpeg, tvm, nothing,none");
  const { systems } = named.evaluation;
  assert.deepEqual(systems, {
    ...samplePreset.evaluation.systems,
    tvm: { defenses: [{ name: "tvm" }] },
  });
  assert.equal(withNamedSystems(samplePreset, undefined), samplePreset);
  assert.equal(withNamedSystems(samplePreset, "jpeg"), samplePreset);
});
