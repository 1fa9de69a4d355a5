/**
 * The service as a process of its own, with the permissions of its task.
 */
import { useTestBackend } from "@realign/core/testing";
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { startTask } from "../testing.ts";
import { listen } from "./listen.ts";
import { makeRun, pictureOf } from "./testing.ts";

await useTestBackend();

const textOf = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => new Response(stream).text();

/** Reads a document from a process that goes on. */
async function readJson(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<{ url: string }> {
  const decoder = new TextDecoder();
  let text = "";
  while (!text.trimEnd().endsWith("\n}")) {
    const { value, done } = await reader.read();
    assert.ok(!done, text);
    text += decoder.decode(value, { stream: true });
  }
  return JSON.parse(text);
}

const isWindows = Deno.build.os === "windows";

Deno.test({
  name: "deno task serve answers what is in flight when it is told to end",
  ignore: isWindows,
}, async () => {
  const runs = await Deno.makeTempDir();
  try {
    const folder = await makeRun(runs);
    const body = await encodePng(pictureOf(1)) as Uint8Array<ArrayBuffer>;
    const words = [folder, "--port", "0", "--json", "--batch-wait", "600"];
    await using child = startTask("serve", words);
    const error = textOf(child.stderr);
    const reader = child.stdout.getReader();
    const { url } = await readJson(reader);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = fetch(`${url}/v1/restore`, { method: "POST", body });
    for (let active = false; !active;) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      active = /^realign_active_requests 1$/m.test(metrics);
    }
    child.kill("SIGTERM");
    const { status, headers } = await answer.then(async (response) => {
      await response.body?.cancel();
      return response;
    });
    assert.deepEqual([status, headers.get("content-type")], [200, "image/png"]);
    assert.equal((await child.status).code, 143, await error);
    assert.equal((await reader.read()).done, true);
    assert.doesNotMatch(await error, /^(error|warning)|^\s+at /m);
  } finally {
    await Deno.remove(runs, { recursive: true });
  }
});

Deno.test("serve says in one line why it cannot listen", async () => {
  const handler = { handle: () => Promise.resolve(new Response()), end: () => {} };
  const first = listen(handler, { host: "127.0.0.1", port: 0 });
  try {
    const port = Number(new URL(first.url).port);
    assert.throws(
      () => listen(handler, { host: "127.0.0.1", port }),
      /^Error: Cannot listen on 127\.0\.0\.1:\d+ as another program listens there: [^\n]*$/,
    );
  } finally {
    await first.stop(1);
  }
  for (const [task, ...words] of [["realign", "serve"], ["serve", "--host", "0.0.0.0"]] as const) {
    const { code, stdout, stderr } = await startTask(task, [...words, "none"]).output();
    assert.deepEqual([code, stdout.length], [1, 0]);
    assert.match(
      new TextDecoder().decode(stderr),
      /^error: Cannot listen on [\d.]+:8000 as Deno lacks the permission: [^\n]*\n$/,
    );
  }
});
