import * as tf from "./tf.ts";
import { conformanceCases, conformanceFailure, conformanceReferences } from "./backend/conformance.ts";
import { selectBackend } from "./backend/mod.ts";
const refs = await conformanceReferences();
await selectBackend(Deno.args[0] as never);
for (const c of conformanceCases) {
  if (Deno.args[1]) Deno.stderr.writeSync(new TextEncoder().encode(c.name + "\n"));
  const t0 = performance.now();
  const f = await conformanceFailure(c, refs.get(c.name)!);
  const ms = performance.now() - t0;
  if (f || ms > 200) console.log(c.name, "::", f, ms.toFixed(0));
}
