/**
 * Prints the programs that tests may start, for the task: this Deno, and the Python of the peers.
 */
console.log([Deno.execPath(), Deno.env.get("REALIGN_PYTHON") ?? "python3"].join());
