/**
 * Prints the programs that tests may start, for the task: this Deno, the Python of the peers, a browser.
 */
const python = Deno.env.get("REALIGN_PYTHON") ?? "python3";
const chromium = Deno.env.get("REALIGN_CHROMIUM") ?? "chromium";
console.log([Deno.execPath(), python, chromium].join());
