/**
 * Prints the programs that tests may start, for the task: this Deno, the Python of the peers, a browser.
 */
const [python = "python3", chromium = "chromium"] = ["PYTHON", "CHROMIUM"]
  .map((name) => Deno.env.get(`REALIGN_${name}`));
console.log([Deno.execPath(), python, chromium].join());
