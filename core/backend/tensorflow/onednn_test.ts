import assert from "node:assert/strict";
import { enableOneDnn } from "./onednn.ts";

const name = "TF_ENABLE_ONEDNN_OPTS";

function withVariable(value: string | undefined, test: () => void): void {
  const before = Deno.env.get(name);
  const set = (value: string | undefined) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  try {
    set(value);
    test();
  } finally {
    set(before);
  }
}

Deno.test("enableOneDnn turns oneDNN on where nobody has decided, on x86-64 alone", () => {
  withVariable(undefined, () => {
    enableOneDnn("aarch64");
    assert.equal(Deno.env.get(name), undefined);
    enableOneDnn("x86_64");
    assert.equal(Deno.env.get(name), "1");
  });
});

Deno.test("enableOneDnn leaves what the user has set", () => {
  withVariable("0", () => {
    enableOneDnn("x86_64");
    assert.equal(Deno.env.get(name), "0");
  });
});
