import assert from "node:assert/strict";
import { join } from "node:path";
import { formatAdapter, readAdapter } from "./adapter_file.ts";

async function reading(content: string): Promise<ReturnType<typeof readAdapter>> {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "a.json");
    await Deno.writeTextFile(file, content);
    return await readAdapter(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readAdapter() gives settings of a target", async () => {
  const content = {
    size: [32, 24],
    normalization: { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] },
    outputs: { logits: "scores" },
    channels: "bgr",
  };
  assert.deepEqual(await reading(JSON.stringify(content)), {
    size: [32, 24],
    normalization: content.normalization,
    adapter: { outputs: { logits: "scores" }, channels: "bgr" },
  });
  assert.deepEqual(await reading("{}"), {});
});

Deno.test("readAdapter() reads what formatAdapter() writes", async () => {
  const found = { logits: "y", features: "flat", layout: "nchw", size: [8, 9] } as const;
  assert.deepEqual(await reading(formatAdapter(found)), {
    size: [8, 9],
    normalization: { mean: [0, 0, 0], deviation: [1, 1, 1] },
    adapter: { outputs: { logits: "y", features: "flat" }, layout: "nchw", channels: "rgb" },
  });
});

Deno.test("readAdapter() refuses in one line what cannot be an adapter", async () => {
  const cases: [string, RegExp][] = [
    ["{", /a\.json as it is not valid JSON/],
    ["[]", /as it must be an object/],
    ['{"output": {}}', /as output is not a setting: did you mean "outputs"\?$/],
    ['{"normalization": {"std": [1, 1, 1]}}', /normalization\.mean must be/],
    [
      '{"normalization": {"mean": [0, 0, 0], "deviation": [1, 1, 1], "std": 1}}',
      /normalization\.std is not a setting: .*mean/,
    ],
    ['{"layout": "chw"}', /layout must be one of "nchw", "nhwc": current value is "chw"$/],
    ['{"size": [0, 8]}', /size\.0 must be/],
    ['{"outputs": {"logits": ""}}', /outputs\.logits must not be empty/],
  ];
  for (const [content, message] of cases) {
    await assert.rejects(reading(content), (error: Error) => {
      assert.match(error.message, /^Cannot [^\n]+$/, content);
      assert.match(error.message, message, content);
      return true;
    });
  }
  await assert.rejects(readAdapter("none.json"), /Cannot use none\.json as an adapter as it does/);
});
