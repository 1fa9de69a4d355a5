import assert from "node:assert/strict";
import { inElement, linkScript } from "./link.ts";

const first = `
import type { A } from "./types.ts";
/** Doubles. */
export function double<T extends number>(value: T): number {
  return 2 * value;
}
export interface B { readonly value: number }
export const THREE = 3 as const;
`;

const second = `
import {
  double,
  type B,
} from "./first.ts";
import { THREE } from "./first.ts";
export async function six(): Promise<number> {
  const { value }: B = { value: double(THREE) };
  return await Promise.resolve(value!);
}
`;

Deno.test("linkScript makes one script of modules, without types, imports and exports", async () => {
  const script = linkScript([first, second], "globalThis.linked = six();");
  assert.doesNotMatch(script, /\b(?:import|export|interface)\b/);
  assert.match(script, /\/\*\* Doubles\. \*\//);
  new Function(script)();
  assert.equal(await (globalThis as { linked?: Promise<number> }).linked, 6);
});

Deno.test("linkScript refuses two modules with the same name, and what is no module", () => {
  const other = "export const double = 1;";
  assert.throws(() => linkScript([first, other], ""), /SyntaxError.*double/);
  assert.throws(() => linkScript(["export const = 1;"], ""), SyntaxError);
});

Deno.test("inElement leaves nothing that ends a script element, and the same strings", () => {
  const script = 'return ["</script>", "</SCRIPT >", "<!-- <script", 1 < 2];';
  const inside = inElement(script);
  assert.doesNotMatch(inside, /<\/script|<!--|<script/i);
  assert.deepEqual(new Function(inside)(), new Function(script)());
});
