import assert from "node:assert/strict";
import { EXIT_CODES } from "./system/failure.ts";
import { runHere } from "./testing.ts";

const run = (...args: string[]) => runHere(args);

const COMMANDS = [
  "train",
  "train-target",
  "attack",
  "evaluate",
  "report",
  "defend",
  "serve",
  "doctor",
  "presets",
  "attacks",
  "defenses",
  "demo",
];

Deno.test("main() explains itself, every command with examples", async () => {
  const { code, out } = await run("--help");
  assert.equal(code, 0);
  for (const command of COMMANDS) {
    assert.match(out, new RegExp(`^  ${command} `, "m"));
    const help = await run(command, "--help");
    assert.equal(help.code, 0);
    assert.match(help.out, new RegExp(`Examples:\n  realign ${command}`));
  }
  const [first, second] = out.split("\n");
  assert.match(first, /^To defend a classifier, /);
  assert.ok(second.startsWith("  realign evaluate --preset cls-folder "));
  for (const [code, meaning] of Object.entries(EXIT_CODES)) {
    assert.ok(out.includes(`${code} ${meaning}\n`), meaning);
  }
  assert.equal((await run()).out, out);
});

Deno.test("main() answers wrong usage with one line and exit code 2", async () => {
  const cases: [string[], RegExp][] = [
    [["trian", "cls-shapes"], /Unknown command 'trian' \(Did you mean train\?\)/],
    [["train"], /no preset was given/],
    [["train", "cls-shape"], /did you mean "cls-shapes"\?/],
    [["train", "cls-shapes", "--resume", "x"], /give one of them/],
    [["train", "--resume", "x", "--train.batchSize=8"], /a resumed run keeps its settings/],
    [["train", "--resume", "x", "--seed", "3"], /a resumed run keeps its own/],
    [["train", "--resume", "x", "--precision", "float32"], /Cannot set precision as a resumed run/],
    [["train", "--resume", "x", "--architecture", "o.onnx"], /Cannot set target as a resumed run/],
    ...[
      ...[["--steps", "3"], ["--architecture", "resnet20"], ["--target", "y"], ["--adapter", "y"]],
      ...[["--target-weights", "y"], ["--size", "8x8"], ["--mean", "0,0,0", "--std", "1,1,1"]],
      ...[["--precision", "bfloat16"], ["--attack.steps=3"]],
    ].map((given): [string[], RegExp] => [
      ["attack", "x", "--worker", "1/2", ...given],
      /Cannot set [a-z.]+ as a resumed run keeps its settings/i,
    ]),
    [["train", "cls-shapes", "--precision", "float16"], /must be one of "float32", "bfloat16"/],
    // Figures are float32: there is nothing to choose.
    [["evaluate", "x", "--precision=bfloat16"], /Unknown option '--precision/],
    [["evaluate", "x", "--attack.precision=bfloat16"], /only evaluation\.\* can be set/],
    [["train", "cls-shapes", "--train.batchsize=8"], /did you mean "batchSize"\?/],
    [["train", "cls-shapes", "--train.batchSize"], /no value/],
    [["train", "cls-shapes", "--steps", "many"], /integer of at least 1/],
    [["train", "cls-shapes", "--attack-cache", "some"], /train.attackCache as it must be a number/],
    [
      ["train", "cls-shapes", "--data", "photos"],
      /Cannot read photos as shapes are drawn: leave out --data, or take a preset .* e\.g\. cls-/,
    ],
    [["attack", "det-shapes", "--data", "photos"], /shapes are drawn: .* e\.g\. det-/],
    [
      ["evaluate", "--preset", "seg-shapes", "--target-weights", "y", "--data", "photos"],
      /shapes are drawn: .* e\.g\. seg-/,
    ],
    [["train", "cls-shapes", "--bakend", "wasm"], /Did you mean --backend\?/],
    [["train", "cls-shapes", "--backend", "wsam"], /Allowed choices are auto/],
    [["evaluate"], /neither a run nor --preset was given/],
    [["evaluate", "x", "--preset", "cls-shapes"], /both the run x and --preset/],
    [["evaluate", "x", "--target-weights", "y"], /Cannot change the target of a run/],
    [["evaluate", "x", "--train.batchSize=2"], /only evaluation\.\* can be set/],
    [["evaluate", "--preset", "cls-shapes"], /set them with --target-weights FILE/],
    [
      ["evaluate", "--preset", "cls-shapes", "--target-weights", "y", "--attacks", "pdg"],
      /the attack "pdg" in cls-shapes: did you mean "pgd"\?/,
    ],
    [["report", "x", "--runs", "none"], /there are no runs in none/],
    [["report", "x", "--train.batchSize=2"], /a report shows the run's own settings/],
    [["defend", "x", "a.png"], /Required option '--out <dir>' not specified/],
    [["defend", "x", "a.png", "b/a.png", "--out", "o"], /they have the same name/],
    [
      ["defend", "x", "a.png", "--out", "o", "--full-size", "--tile", "8x8"],
      /leave out --full-size/,
    ],
    [["defend", "x", "a.png", "--out", "o", "--overlap", "2"], /no image is cut: add --tile/],
    [["defend", "x", "a.png", "--out", "o", "--tile", "8"], /height and width, as 512x512, or/],
    [["presets", "a", "b"], /Too many arguments/],
    [["presets", "--train.batchSize=3"], /Cannot set train\.batchSize as presets are only listed/],
    [["presets", "--suite", "strong"], /Cannot add the suite strong as presets are only listed/],
    [["attacks", "pgd", "--nonsense.x=1"], /Cannot set nonsense\.x as attacks are only listed/],
    [["defenses", "--nonsense.x=1"], /Cannot set nonsense\.x as defenses are only listed/],
    [["recipes", "--nonsense.x=1"], /Cannot set nonsense\.x as recipes are only listed/],
    ...["--replace", "--out=o"].map((option): [string[], RegExp] => [
      ["evaluate", "--preset", "cls-shapes", "--target-weights", "y", option],
      /Cannot use --(replace|out) with --preset as there is no run/,
    ]),
    ...["report", "evaluate", "certify", "serve"].map((command): [string[], RegExp] => [
      [command, ""],
      /Cannot find a run as its name is empty/,
    ]),
    [["doctor", "--threads", "100000"], /integer from 0 to \d+/],
    [
      ["train", "cls-shapes", "--data", "a", "--data", "b"],
      /is set twice, first to a: set it once/,
    ],
    [
      ["train", "cls-shapes", "--dataset.name=folder", "--dataset.name=cifar10"],
      /Cannot set dataset\.name twice, to folder and cifar10/,
    ],
    [["evaluate", "x", "--split", "validation"], /Allowed choices are test, train/],
    [["evaluate", "x", "--mean", "0,0,0"], /Cannot change the target of a run/],
    [["evaluate", "x", "--architecture", "y"], /in front of another one with --target/],
    [
      ["evaluate", "--preset", "cls-shapes", "--target", "y"],
      /or name a safetensors file or a model file/,
    ],
    [
      ["evaluate", "x", "--target", "y", "--train.batchSize=2"],
      /only evaluation\.\* and target\.\* can be set/,
    ],
    [
      ["train", "--resume", "x", "--substitute", "y"],
      /Cannot set evaluation\.substitutes as a resumed run keeps its settings/,
    ],
    [["train", "cls-shapes", "--substitute", "nothing"], /or name a safetensors file/],
    [["doctor", "--threads", "-1"], /Option '--threads|argument missing/],
  ];
  for (const [args, message] of cases) {
    const { code, out, error } = await run(...args);
    const line = args.join(" ");
    assert.match(error, message, line);
    assert.match(error, /^error: [A-Z][^\n]*\n$/, `one line: ${line}`);
    assert.equal(code, 2, line);
    assert.equal(out, "", line);
  }
});

Deno.test("main() answers other failures with one line and exit code 1", async () => {
  const { code, error } = await run("presets", "--plugin", "./none.ts");
  assert.equal(code, 1);
  assert.match(
    error,
    /^error: Cannot find the plugin .\/none.ts: set its location with --plugin\n$/,
  );
  for (const [place, kind] of [["/dev/zero", "a device"], [".", "a folder"]]) {
    if (Deno.build.os === "windows") continue;
    const { code, error } = await run("presets", "--plugin", place);
    assert.equal(code, 1);
    assert.ok(
      error.endsWith(`Cannot load the plugin ${place}: it is ${kind}, not a file\n`),
      error,
    );
  }
  const verbose = await run("presets", "--plugin", "./none.ts", "--verbose");
  assert.match(verbose.error, /load_plugin\.ts/);
});

Deno.test("main() prints presets as text and as JSON, overrides taken in", async () => {
  const list = await run("presets");
  assert.match(list.out, /^cls-shapes +classification +shapes 32x32/m);
  const one = await run("presets", "cls-shapes", "--json", "--train.batchSize=7");
  assert.equal(JSON.parse(one.out).train.batchSize, 7);
});
