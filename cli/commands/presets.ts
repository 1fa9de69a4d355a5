/**
 * `realign presets`: lists presets.
 *
 * @module
 */
import { PAPER_SUITE } from "@realign/core";
import type { Command } from "commander";
import { choosePreset, listPlugins } from "../presets/choose_preset.ts";
import { UsageError } from "../system/failure.ts";
import { formatJson } from "../system/json.ts";
import { type Context, type OutputOptions, refuseOverrides, withOutput } from "./options.ts";
import { Output } from "../terminal/output.ts";
import { type SuiteOption, suiteOption, withChosenSuite } from "../presets/choose_suite.ts";
import { applyOverrides } from "../presets/overrides.ts";
import { textTable } from "../terminal/text_table.ts";

interface PresetsOptions extends OutputOptions, SuiteOption {
  readonly plugin?: string;
}

/** Adds the command. */
export function addPresets(program: Command, context: Context): void {
  withOutput(program.command("presets"))
    .description("list the presets, or print one with its settings")
    .argument("[preset]", "a preset to print")
    .option("--plugin <specifier>", "plugin of another task: jsr:@acme/x, npm:x or ./x.ts")
    .addOption(suiteOption())
    .addHelpText(
      "after",
      `
docs/reference/presets.md has the meaning, range and default of every setting.

Examples:
  realign presets
  realign presets cls-shapes
  realign presets cls-shapes --suite strong
  realign presets cls-cifar10 --train.batchSize=32`,
    )
    .action(async (name: string | undefined, options: PresetsOptions) => {
      const output = new Output(options.json ?? false);
      if (name !== undefined) {
        const { preset, plugin } = await choosePreset(name, options.plugin);
        const { overrides } = context;
        const suited = withChosenSuite(preset, plugin, options, overrides);
        const resolved = applyOverrides(suited, overrides, plugin);
        output.result(resolved, formatJson(resolved));
        return;
      }
      refuseOverrides(context, "presets are only listed: name the one to print");
      if (options.suite !== PAPER_SUITE) {
        throw new UsageError(
          `Cannot add the suite ${options.suite} as presets are only listed: name the one to print`,
        );
      }
      const presets = (await listPlugins(options.plugin))
        .flatMap(({ plugin }) => Object.values(plugin.presets));
      const rows = presets.map(({ name, task, dataset, target, attack }) => [
        name,
        task,
        `${dataset.name} ${dataset.size.join("x")}`,
        target.architecture,
        `${attack.name}, epsilon ${attack.epsilon}`,
      ]);
      const heading = ["preset", "task", "dataset", "target", "trained against"];
      output.result(presets, textTable([heading, ...rows]));
    });
}
