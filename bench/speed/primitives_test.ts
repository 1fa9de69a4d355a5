import assert from "node:assert/strict";
import { isPrimitive, millisecondsByKind } from "./primitives.ts";

const lines = [
  "onednn_verbose,v1,info,oneDNN v3.7.1",
  "onednn_verbose,v1,primitive,exec,cpu,convolution,brg_conv_fwd:avx512_core,forward_training,src:f32,,alg:direct,mb1,1.5",
  "onednn_verbose,v1,primitive,exec,cpu,reorder,jit:uni,undef,src:f32,,,3x3,0.25",
  "onednn_verbose,primitive,exec,cpu,convolution,jit:avx512_core,backward_data,src:f32,,alg:direct,mb1,2",
];

Deno.test("millisecondsByKind adds up what was run, whatever stands before", () => {
  assert.deepEqual(millisecondsByKind(lines), { convolution: 3.5, reorder: 0.25 });
});

Deno.test("isPrimitive tells oneDNN's lines from answers", () => {
  assert.ok(lines.every(isPrimitive));
  assert.ok(!isPrimitive('{"ok":1}'));
});
