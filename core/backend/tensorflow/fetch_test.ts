import assert from "node:assert/strict";
import { cudaRequirements } from "./fetch.ts";

Deno.test("cudaRequirements takes the CUDA wheels out of a wheel's metadata, and nothing else", () => {
  const metadata = `Metadata-Version: 2.1
Requires-Dist: numpy>=1.26.0
Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"
Requires-Dist: nvidia-nccl-cu12==2.27.7 ; extra == 'and-cuda'
Requires-Dist: nvidia-other>=1; extra == "gpu"
`;
  assert.deepEqual(cudaRequirements(metadata), [
    "nvidia-cublas-cu12<13.0,>=12.5.3.2",
    "nvidia-nccl-cu12==2.27.7",
  ]);
});
