/**
 * Runs the conformance table on a backend, in a process of its own, and prints what is wrong as JSON:
 * `deno run --allow-all core/backend/conformance_run.ts webgpu`.
 *
 * @module
 */
import process from "node:process";
import { conformanceFailures } from "./conformance.ts";
import { type BackendName, selectBackend } from "./mod.ts";

const name = process.argv[2] as BackendName;
console.log(JSON.stringify(await conformanceFailures(() => selectBackend(name))));
process.exit();
