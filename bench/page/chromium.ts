/**
 * A headless Chromium, driven over its DevTools protocol.
 *
 * @module
 */

/** The program: that of REALIGN_CHROMIUM, or "chromium". */
export const CHROMIUM = Deno.env.get("REALIGN_CHROMIUM") ?? "chromium";

/** Graphics by a program where there is no processor for them; a sandbox is the caller's affair. */
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-dev-shm-usage",
  "--remote-debugging-port=0",
  "--enable-unsafe-webgpu",
  "--enable-unsafe-swiftshader",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

/** A page that is open. */
export interface Tab {
  /** Evaluates an expression; a promise is waited for, its value must be JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** Sends a command of the protocol. */
  send(method: string, parameters?: object): Promise<Record<string, unknown>>;
  /** Errors and addresses that it asked for, as they came. */
  readonly errors: readonly string[];
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A browser; dispose it. */
export interface Browser extends AsyncDisposable {
  readonly version: string;
  /**
   * Opens a page.
   *
   * @param url Its address
   * @param before A script that runs in front of its own
   */
  open(url: string, before?: string): Promise<Tab>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Whether Chromium can be started. */
export async function hasChromium(): Promise<boolean> {
  try {
    const command = new Deno.Command(CHROMIUM, { args: ["--version"], stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

/** Starts the browser. */
export async function startChromium(): Promise<Browser> {
  const profile = await Deno.makeTempDir({ prefix: "realign-chromium-" });
  const child = new Deno.Command(CHROMIUM, {
    args: [...FLAGS, `--user-data-dir=${profile}`, "about:blank"],
    ...{ stdin: "null", stdout: "null", stderr: "piped" },
  }).spawn();
  const [address, drained] = await debuggingAddress(child.stderr);
  const connection = await connect(address);
  const { product } = await connection.send("Browser.getVersion");
  return {
    version: String(product),
    open: (url, before = "") => openTab(connection, url, before),
    async [Symbol.asyncDispose]() {
      await connection.send("Browser.close").catch(() => {});
      await child.status;
      await Promise.all([drained, connection.closed]);
      await Deno.remove(profile, { recursive: true }).catch(() => {});
    },
  };
}

/** The address in what the browser says as it starts, and the end of all that it says. */
async function debuggingAddress(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<[string, Promise<void>]> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot start Chromium: ${text.trim().split("\n").at(-1)}`);
    text += value;
    const [, address] = /listening on (ws:\S+)/.exec(text) ?? [];
    if (address === undefined) continue;
    const drain = async () => {
      while (!(await reader.read()).done);
    };
    return [address, drain()];
  }
}

interface Connection {
  readonly closed: Promise<void>;
  send(method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>>;
  listen(sessionId: string, hear: (method: string, params: Record<string, unknown>) => void): void;
}

async function connect(address: string): Promise<Connection> {
  const socket = new WebSocket(address);
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  const listeners = new Map<string, (method: string, params: Record<string, unknown>) => void>();
  let number = 0;
  socket.onopen = () => opened.resolve();
  socket.onerror = () => opened.reject(new Error(`Cannot reach Chromium at ${address}`));
  socket.onclose = () => {
    for (const one of waiting.values()) one.reject(new Error("Chromium has ended"));
    closed.resolve();
  };
  socket.onmessage = ({ data }) => {
    const { id, method, sessionId = "", params = {}, result, error }: Message = JSON.parse(data);
    if (id === undefined) return void listeners.get(sessionId)?.(method!, params);
    const one = waiting.get(id)!;
    waiting.delete(id);
    if (error) one.reject(new Error(error.message));
    else one.resolve(result!);
  };
  await opened.promise;
  return {
    closed: closed.promise,
    send(method, params = {}, sessionId) {
      const one = Promise.withResolvers<Record<string, unknown>>();
      waiting.set(++number, one);
      socket.send(JSON.stringify({ id: number, method, params, sessionId }));
      return one.promise;
    },
    listen: (sessionId, hear) => void listeners.set(sessionId, hear),
  };
}

async function openTab(connection: Connection, url: string, before: string): Promise<Tab> {
  const { targetId } = await connection.send("Target.createTarget", { url: "about:blank" });
  const attached = await connection.send("Target.attachToTarget", { targetId, flatten: true });
  const sessionId = String(attached.sessionId);
  const send = (method: string, params?: object) => connection.send(method, params, sessionId);
  const [errors, requests]: string[][] = [[], []];
  connection.listen(sessionId, (method, params) => {
    if (method === "Runtime.exceptionThrown") errors.push(JSON.stringify(params.exceptionDetails));
    if (method === "Log.entryAdded") {
      const { level, text } = params.entry as { readonly level: string; readonly text: string };
      if (level === "error") errors.push(text);
    }
    if (method === "Network.requestWillBeSent") {
      requests.push((params.request as { readonly url: string }).url);
    }
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  await send("Page.addScriptToEvaluateOnNewDocument", { source: before });
  await send("Page.navigate", { url });
  return {
    ...{ send, errors, requests },
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await send("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { readonly value: T }).value;
    },
    async close() {
      await connection.send("Target.closeTarget", { targetId });
    },
  };
}
