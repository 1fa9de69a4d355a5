/**
 * What computes in a browser: WebGPU, WebGL, WebAssembly, or plain JavaScript.
 *
 * @module
 */
import type { Tf } from "./gradient_operations.ts";

/** The engines, by TensorFlow.js' names, those that are usually faster first. */
export const ENGINES = ["webgpu", "webgl", "wasm", "cpu"] as const;

/** An engine. */
export type Engine = typeof ENGINES[number];

/** Names of renderers that are programs: WebAssembly is faster. */
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** TensorFlow.js of a page, with its WebAssembly engine. */
type PageTf = Tf & { readonly wasm: { setWasmPaths(paths: Record<string, string>): void } };

/**
 * The engines that are worth a try, in order: those of graphics processors which are programs come last.
 *
 * @param scope Where an adapter and a canvas are to be had
 */
export async function engineOrder(scope: object): Promise<Engine[]> {
  const renderers = {
    webgpu: await webgpuRenderer(scope),
    webgl: webglRenderer(),
    wasm: "",
    cpu: "",
  };
  const there = ENGINES.filter((engine) => renderers[engine] !== undefined);
  const isSlow = (engine: Engine) => SOFTWARE.test(renderers[engine]!);
  const fast = there.filter((engine) => !isSlow(engine) && engine !== "cpu");
  return [...fast, ...there.filter((engine) => !fast.includes(engine))];
}

/** Undefined where there is no WebGPU. */
async function webgpuRenderer(scope: object): Promise<string | undefined> {
  const { navigator } = scope as {
    readonly navigator: {
      readonly gpu?: {
        requestAdapter(): Promise<
          { readonly info?: Record<string, string>; readonly isFallbackAdapter?: boolean } | null
        >;
      };
    };
  };
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return undefined;
  const { vendor = "", architecture = "", description = "" } = adapter.info ?? {};
  const kind = adapter.isFallbackAdapter ? "software" : "";
  return [vendor, architecture, description, kind].join(" ");
}

/** Undefined where there is no WebGL. */
function webglRenderer(): string | undefined {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return undefined;
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return renderer;
}

/**
 * Starts an engine.
 *
 * @param tf TensorFlow.js
 * @param engine Which one
 * @param wasm The program of the WebAssembly engine
 * @throws {Error} If it is not there
 */
export async function startEngine(tf: Tf, engine: Engine, wasm: Blob): Promise<void> {
  if (engine === "wasm") {
    const url = URL.createObjectURL(new Blob([wasm], { type: "application/wasm" }));
    // One program for all: threads need a server that isolates the page, and SIMD is everywhere.
    const names = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    (tf as PageTf).wasm.setWasmPaths(Object.fromEntries(names.map((name) => [name, url])));
  }
  if (!await tf.setBackend(engine)) throw new Error(`${engine} did not start`);
  await tf.ready();
}
