import classification from "@realign/classification";
import assert from "node:assert/strict";
import { applyOverrides } from "../../cli/presets/overrides.ts";
import { defaultCells, overridesOf, parseCell } from "./cells.ts";
import { VALUE_CELLS } from "./value_cells.ts";

const preset = classification.presets["cls-cifar10-small"];

Deno.test("parseCell() reads rows and pixel targets, and names what was meant", () => {
  assert.deepEqual(parseCell("L_I+F"), { name: "L_I+F", setting: "L_I+F" });
  assert.deepEqual(parseCell("full@intermediate+gradient"), {
    name: "full@intermediate+gradient",
    setting: "full",
    pixelTarget: "intermediate",
    stopGradient: "none",
  });
  assert.throws(() => parseCell("L_I+G"), /Cannot find the cell "L_I\+G": did you mean "L_I\+F"/);
  assert.throws(
    () => parseCell("full@claen"),
    /pixel target of "full@claen": did you mean "clean"/,
  );
  assert.throws(() => parseCell("full@clean+gradient"), /Cannot find the pixel target/);
});

Deno.test("defaultCells() are the six rows and every pixel target that is not the preset's", () => {
  const names = (stopGradient: "none" | "all") =>
    defaultCells({ ...preset.losses, pixelTarget: "intermediate", stopGradient })
      .map(({ name }) => name);
  assert.deepEqual(names("all").slice(0, 6), ["L_I", "L_F", "L_I+F", "L_T", "L_T+F", "full"]);
  assert.deepEqual(names("all").slice(6), [
    "full@adversarial",
    "full@clean",
    "full@intermediate+gradient",
  ]);
  assert.deepEqual(names("none").slice(6), [
    "full@intermediate",
    "full@adversarial",
    "full@clean",
  ]);
  assert.deepEqual(overridesOf(parseCell("L_T")).map(({ path, text }) => [path.join("."), text]), [
    ["losses.setting", "L_T"],
  ]);
});

Deno.test("each change of values is a part of the authors' bundle, and differs from ours", () => {
  const changed = (name: string) =>
    applyOverrides(preset, overridesOf(parseCell(name)), classification);
  const { authors } = classification.lossValues!;
  assert.deepEqual(changed("ours"), preset);
  assert.deepEqual(changed("authors").losses, { ...authors.losses, setting: "full" });
  for (const [name, { values }] of Object.entries(VALUE_CELLS)) {
    for (const setting of Object.keys(values).filter((path) => path !== "losses.values")) {
      const [group, key] = setting.split(".");
      const at = (bundle: object) => Reflect.get(Object(Reflect.get(bundle, group)), key);
      assert.deepEqual(at(changed(name)), at(authors), setting);
      assert.notDeepEqual(at(changed(name)), at(preset), setting);
    }
  }
});
