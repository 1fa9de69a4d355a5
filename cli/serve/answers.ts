/**
 * Answers, and what a request is refused with: a status and one line.
 *
 * @module
 */

/** A request that cannot be answered; whoever sent it reads the message. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param status E.g. 413
   * @param message "Cannot ... as ...", with nothing in it that the sender must not know
   * @param headers Of the answer, besides its type
   */
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Makes an answer.
 *
 * @param status E.g. 200
 * @param body All of it
 * @param headers With "content-type"
 */
export function reply(
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): Response {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    status,
    headers: { "content-length": String(bytes.length), ...headers },
  });
}

/** An answer in JSON. */
export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return reply(status, `${JSON.stringify(value)}\n`, {
    "content-type": "application/json",
    ...headers,
  });
}

/** The answer that an error stands for: `{"error": "..."}`. */
export function refusal({ status, message, headers }: HttpError): Response {
  return json(status, { error: message }, headers);
}
