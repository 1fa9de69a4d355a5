/**
 * What a model file cannot be as a target, from the command line.
 */
import { formatSafetensors } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { filesIn } from "./faults/small_run.ts";
import { writeSmallModel } from "./small_model.ts";
import { withProgram } from "./transfer_program.ts";

Deno.test("what a model file cannot be is told in one line, before anything is begun", () =>
  withProgram(async ({ folder, runs, places, fail }) => {
    const file = await writeSmallModel(folder, "small.onnx");
    const free = await writeSmallModel(folder, "free.onnx", { side: "H" });
    const many = await writeSmallModel(folder, "many.onnx", { classes: 12 });
    const strange = await writeSmallModel(folder, "strange.onnx", { activation: "NonZero" });
    const picture = join(folder, "picture.onnx");
    await Deno.writeFile(picture, Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10));
    const written = async (name: string, content: object) => {
      const path = join(folder, name);
      await Deno.writeTextFile(path, JSON.stringify(content));
      return path;
    };
    const weights = join(folder, "other.safetensors");
    const data = new Float32Array(4);
    await Deno.writeFile(
      weights,
      formatSafetensors(new Map([["bn1.bias", { shape: [4], data }]]), {}),
    );
    const bars = ["bars", "--plugin", join(import.meta.dirname!, "bar_angle", "mod.ts")];
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    const cases: [string[], RegExp][] = [
      [
        ["train-target", "cls-shapes", "--target", file],
        /^Cannot train small\.onnx as .* frozen: /,
      ],
      [
        ["train", "cls-shapes", "--target", file, "--target.train.adversarial=trades"],
        /^Cannot train small\.onnx as .*: set target\.train\.adversarial to none$/,
      ],
      [
        ["train", "cls-shapes", "--target", file, `--target.train.from=${weights}`],
        /^Cannot train small\.onnx as .*: leave out target\.train\.from$/,
      ],
      [
        [
          "train",
          "cls-shapes",
          "--substitute",
          file,
          "--evaluation.substitutes.small-onnx.train.epochs=1",
        ],
        /^Cannot train small\.onnx as .*: leave out evaluation\.substitutes\.small-onnx\.train$/,
      ],
      [["train", "cls-shapes", "--target", picture], /picture\.onnx as it is not an ONNX file$/],
      [
        ["train", "cls-shapes", "--target", join(folder, "none.onnx")],
        /none\.onnx: it does not exist/,
      ],
      [
        ["train", "cls-shapes", "--target", strange],
        /NonZero "NonZero_1" \(opset 17\) is not here/,
      ],
      [
        ["train", "cls-shapes", "--target", free],
        /does not say the size of its images: set it with --target\.size=HxW/,
      ],
      [
        ["train", "cls-shapes", "--target", file, "--target.size=32x32"],
        /images must be 16x16: target\.size is 32x32$/,
      ],
      [
        ["train", "cls-shapes", "--target", many],
        /it has 12 classes, and 8 are wanted: set classNames$/,
      ],
      [
        ["evaluate", "--preset", "cls-shapes", "--target", many],
        /it has 12 classes, and 8 are wanted/,
      ],
      [
        ["train", "cls-shapes", "--substitute", many],
        /it has 12 classes, .*: see evaluation\.substitutes\.many-onnx$/,
      ],
      [
        [
          "train",
          "cls-shapes",
          "--target",
          many,
          "--adapter",
          await written("names.json", { classNames: names }),
        ],
        /it has no class "circle", "square", "triangle", "cross", "ring" and 3 more: /,
      ],
      [
        ["train", "cls-shapes", "--target", file, "--target.adapter.outputs.feature=flat"],
        /adapter\.outputs\.feature: did you mean "features"\?$/,
      ],
      [
        ["train", "cls-shapes", "--target", file, "--target.adapter.outputs.features=nowhere"],
        /up to "nowhere" as no node of it makes such a value$/,
      ],
      [
        [
          "train",
          "cls-shapes",
          "--target",
          file,
          "--adapter",
          await written("a.json", { channel: "bgr" }),
        ],
        /a\.json as an adapter as channel is not a setting: did you mean "channels"\?$/,
      ],
      [
        ["train", "cls-shapes", "--adapter", join(folder, "a.json")],
        /--adapter without a model file/,
      ],
      [
        ["train", "cls-shapes", "--substitute-adapter", join(folder, "a.json")],
        /--substitute-adapter without a model file: name it with --substitute FILE$/,
      ],
      [
        [
          ...["train", "cls-shapes", "--substitute", file],
          ...["--substitute-adapter", join(folder, "a.json")],
        ],
        /a\.json as an adapter as channel is not a setting: did you mean "channels"\?$/,
      ],
      [
        ["train", "cls-shapes", "--target", file, "--architecture", "resnet20"],
        /--architecture with .*small\.onnx/,
      ],
      [
        ["train", "cls-shapes", "--target", file, "--target-weights", weights],
        /small\.onnx has no "bn1\.bias"/,
      ],
      [
        ["train", ...bars, "--architecture", file],
        /^Cannot use small\.onnx as a target as the task bar-angle takes no model files$/,
      ],
      [
        ["train", "cls-shapes", "--target", file, `--target.adapter.digest=${"0".repeat(64)}`],
        /small\.onnx as it is not the file that was chosen/,
      ],
    ];
    for (const [words, message] of cases) {
      const line = await fail(...words, ...places);
      assert.match(line, message, words.join(" "));
      assert.match(line, /^Cannot /, words.join(" "));
      assert.deepEqual(await filesIn(runs), [], words.join(" "));
    }
  }));
