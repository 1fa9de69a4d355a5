/**
 * The loop of a side of a bench.
 *
 * @module
 */

/**
 * Answers one JSON request a line from standard input with one line, until it ends.
 *
 * @param requests What answers, by the request's `do`
 */
export async function answerRequests(requests: object): Promise<void> {
  // What libraries print must not come between answers.
  console.log = console.error;
  const handlers = requests as Record<string, (request: unknown) => Promise<unknown>>;
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  let waiting = "";
  for await (const text of lines) {
    waiting += text;
    for (let end = waiting.indexOf("\n"); end >= 0; end = waiting.indexOf("\n")) {
      const { do: name, ...request } = JSON.parse(waiting.slice(0, end));
      waiting = waiting.slice(end + 1);
      const answer = await handlers[name](request)
        .then((ok) => ({ ok }), (error) => ({ error: String(error?.stack ?? error) }));
      await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(answer)}\n`));
    }
  }
}
