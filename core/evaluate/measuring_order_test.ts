import assert from "node:assert/strict";
import { identityDefense } from "../defenses/mod.ts";
import { darker, target } from "../testing/toy_columns.ts";
import { measuringOrder } from "./measuring_order.ts";

Deno.test("measuringOrder goes from the strongest attacker through a defense to questions and curves", () => {
  const alone = { attacked: { target } };
  const behind = { attacked: { target, defense: darker } };
  const other = { attacked: { target, defense: identityDefense } };
  const columns = [
    { threatModel: "none" },
    { threatModel: "oblivious", ...alone },
    { threatModel: "black-box", ...behind },
    { threatModel: "whitebox", ...alone },
    { threatModel: "whitebox", ...behind, curve: true as const },
    { threatModel: "whitebox", ...behind },
    { threatModel: "mine", ...behind },
    { threatModel: "whitebox", ...other },
    { threatModel: "submitted" },
    { threatModel: "transfer", ...alone },
  ];
  assert.deepEqual(measuringOrder(columns), [0, 8, 5, 7, 3, 9, 1, 2, 6, 4]);
});
