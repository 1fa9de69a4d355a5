/**
 * `realign serve`: restores images, and asks O, over HTTP.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import { assertMayListen, listen } from "../serve/listen.ts";
import { type EngineOptions, openEngine } from "../serve/open_engine.ts";
import { createHandler, type ServiceOptions } from "../serve/service.ts";
import {
  beginOutput,
  type Context,
  refuseOverrides,
  wholeNumber,
  withBackend,
  withData,
  withPlugin,
  withRunsFolder,
} from "./options.ts";

interface ServeOptions extends EngineOptions, ServiceOptions {
  readonly host: string;
  readonly port: number;
  readonly grace: number;
}

/** Adds the command. */
export function addServe(program: Command, context: Context): void {
  withPlugin(withData(withRunsFolder(withBackend(program.command("serve")))))
    .description("restore images, and predict with the target, over HTTP")
    .argument("<run>", 'a run: its ID or the start of it, a path, or "latest"')
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <n>", "port to listen on; 0 for any that is free", wholeNumber(0, 65535), 8000)
    .option(
      "--system <name>",
      "restore by another system of the run, or by a chain of defenses such as tvm+quilting",
    )
    .option("--no-predict", "restore images only: without the target and the data")
    .option(
      "--batch <n>",
      "most images of a request, and of those that are computed together",
      wholeNumber(1, 1024),
      8,
    )
    .option("--batch-wait <ms>", "how long an image waits for others of its size", milliseconds, 5)
    .option("--queue <n>", "most requests in flight; others get 503", wholeNumber(1), 64)
    .option("--max-bytes <n>", "most bytes of a body", wholeNumber(1), 16 * 2 ** 20)
    .option("--max-pixels <n>", "most pixels of a request", wholeNumber(1), 4 * 2 ** 20)
    .option("--body-timeout <seconds>", "time within which a body must have come", seconds, 10)
    .option("--grace <seconds>", "time for requests in flight when it is told to end", seconds, 10)
    .addHelpText(
      "after",
      `
Paths: POST /v1/restore and /v1/predict, GET /health, /ready, /metrics and /openapi.json.
It has neither TLS nor authentication: docs/serve.md says how it is used and what it refuses.
"deno task serve" may listen on 127.0.0.1 only; "deno task realign" has no network.

Examples:
  realign serve latest
  realign serve latest --port 0 --json
  realign serve latest --system feature-distillation --no-predict`,
    )
    .action(async (name: string, options: ServeOptions) => {
      refuseOverrides(context, "a run is served with its own settings");
      assertMayListen(options);
      const output = beginOutput(options, context);
      using opened = await openEngine(name, options, output);
      const handler = createHandler(opened, options, (text) => output.note(text));
      const { interruption } = output;
      const ended = Promise.withResolvers<void>();
      interruption.signal.addEventListener("abort", () => ended.resolve());
      interruption.hold();
      const service = listen(handler, options);
      output.ready();
      output.result(
        { url: service.url, ...opened.about },
        `${opened.about.run} is served on ${service.url}`,
      );
      await ended.promise;
      if (await service.stop(options.grace)) return;
      output.note(`requests were still in flight after ${options.grace} seconds`);
      // They hold what would be disposed.
      Deno.exit(interruption.exitCode);
    });
}

/** Reads an option as seconds. */
function seconds(text: string): number {
  return within(text, 0.001, 3600, "seconds");
}

/** Reads an option as milliseconds. */
function milliseconds(text: string): number {
  return within(text, 0, 10_000, "milliseconds");
}

function within(text: string, least: number, most: number, unit: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`It must be a number of ${unit} from ${least} to ${most}.`);
}
