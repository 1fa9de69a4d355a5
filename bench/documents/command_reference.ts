/**
 * docs/reference/commands.md: every command with its options, examples and exit codes.
 *
 * @module
 */
import type { Argument, Command, Option } from "commander";
import { EXIT_CODES } from "../../cli/system/failure.ts";
import { cellText, code, table } from "./markdown_table.ts";

/**
 * Writes the page.
 *
 * @param program The command line
 * @returns Markdown
 */
export function commandReference(program: Command): string {
  const { commands } = program;
  const links = commands.map((command) => `[${command.name()}](#${command.name()})`);
  return [
    INTRODUCTION,
    `Commands: ${links.join(", ")}.`,
    "## Exit codes",
    table([["code", "meaning"], ...Object.entries(EXIT_CODES)]),
    "## Options of the program",
    optionTable(program.createHelp().visibleOptions(program)),
    "Every command takes `--verbose` and `--help`. Any setting of a [preset](presets.md) is an option of the commands that use one, by its path: `--train.batchSize=64`.",
    ...commands.map(commandSection),
  ].join("\n\n");
}

const INTRODUCTION = `# Commands

\`deno task realign COMMAND\` in the repository's folder, or \`realign COMMAND\` \
[from anywhere](../quickstart.md#running-from-another-folder). \`realign COMMAND --help\` says the same as this page.`;

const isHelp = ({ long }: Option) => long === "--help";

function commandSection(command: Command): string {
  const { notes, examples } = explanation(command);
  const shown = command.registeredArguments;
  return [
    `## ${command.name()}`,
    sentence(command.description()),
    `Usage: ${code(["realign", command.name(), command.usage()].join(" "))}`,
    ...(shown.length > 0 ? [table([["argument", "meaning"], ...shown.map(argumentRow)])] : []),
    optionTable(command.createHelp().visibleOptions(command).filter((option) => !isHelp(option))),
    ...(notes === "" ? [] : [notes]),
    `\`\`\`sh\n${examples}\n\`\`\``,
  ].join("\n\n");
}

/** What stands below the options in a command's help: notes, then examples. */
function explanation(command: Command): { notes: string; examples: string } {
  let help = "";
  const { writeOut } = command.configureOutput();
  // Colours would be asked of the environment, which this task may not read.
  command.configureOutput({ writeOut: (text) => help += text, getOutHasColors: () => false })
    .outputHelp();
  command.configureOutput({ writeOut });
  const [notes, examples] = help.slice(command.helpInformation().length).split("Examples:\n");
  return { notes: notes.trim(), examples: examples.replaceAll(/^ {2}/gm, "").trim() };
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

function argumentRow(argument: Argument): string[] {
  const name = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
  return [code(argument.variadic ? name.replace(/(.)$/, "...$1") : name), argument.description]
    .map(cellText);
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map((option) => {
    const { flags, description, defaultValue, argChoices, mandatory } = option;
    const choices = argChoices ? `: ${argChoices.map(code).join(", ")}` : "";
    const usual = defaultValue === undefined
      ? (mandatory ? "required" : "")
      : code(`${defaultValue}`);
    return [code(flags), usual, `${description}${choices}`].map(cellText);
  });
  return table([["option", "default", "meaning"], ...rows]);
}
