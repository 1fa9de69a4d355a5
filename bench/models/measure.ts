/**
 * One model on both sides: exported, compared, timed in turn.
 *
 * @module
 */
import { join } from "node:path";
import { alternate, type AlternateOptions, type Contender } from "../speed/alternate.ts";
import type { Side } from "../speed/side.ts";
import { spreadOf } from "../speed/statistics.ts";
import type { OpenedHere } from "./ours.ts";
import type { ExportedModelResult, ModelResult } from "./result.ts";

/** A model that is measured. */
export interface MeasuredModel {
  readonly name: string;
  readonly batch: number;
  readonly size: number;
}

/** What measures. */
export interface MeasuringTeam {
  readonly ours: Side;
  readonly torch: Side;
  readonly threads: number;
  /** For files that are thrown away. */
  readonly folder: string;
  readonly turns: AlternateOptions;
  /** Ways in which PyTorch runs: "eager", "compile". */
  readonly modes: readonly string[];
  readonly exporters: readonly string[];
  readonly notify: (message: string) => void;
}

/** PyTorch's answer to "open". */
interface OpenedThere {
  readonly gradientError: number;
  readonly parameters: number;
}

/** Measures a model; what fails of it is a reason in the result. */
export async function measureModel(
  { name, batch, size }: MeasuredModel,
  team: MeasuringTeam,
): Promise<ModelResult> {
  const { ours, torch, threads, folder, turns, notify } = team;
  const data = join(folder, "data.safetensors");
  const request = { do: "open", network: name, path: data, batch, size, threads };
  const { gradientError, parameters } = await torch.ask<OpenedThere>(request);
  const exports: Record<string, ExportedModelResult> = {};
  for (const exporter of team.exporters) {
    notify(`${name}: the ${exporter} exporter`);
    exports[exporter] = await openExport(exporter, data, team);
  }
  const failed: Record<string, string> = {};
  const contenders: Contender[] = [];
  const sides = { ...Object.fromEntries(team.modes.map((mode) => [mode, torch])) };
  for (const mode of team.modes) {
    try {
      await torch.ask({ do: "prepare", mode });
    } catch (error) {
      failed[mode] = (error as Error).message;
      delete sides[mode];
    }
  }
  for (const [exporter, { reason }] of Object.entries(exports)) {
    if (reason === undefined) sides[exporter] = ours;
  }
  for (const [side, process] of Object.entries(sides)) {
    contenders.push({
      name: side,
      run: (count) => process.ask<number[]>({ do: "run", name: side, count }),
    });
  }
  notify(`${name}: ${contenders.map(({ name }) => name).join(", ")} in turn`);
  const values = await alternate(contenders, turns);
  await ours.ask({ do: "close" });
  const spreads = Object.fromEntries(
    Object.entries(values).map(([side, seconds]) => [side, spreadOf(seconds)]),
  );
  const measured = team.modes.filter((mode) => mode in spreads);
  const best = Math.min(...measured.map((mode) => spreads[mode].min));
  return {
    ...{ name, batch, size, parameters, failed },
    torchGradientError: gradientError,
    torchSeconds: Object.fromEntries(measured.map((mode) => [mode, spreads[mode]])),
    exports: Object.fromEntries(
      Object.entries(exports).map(([exporter, found]) => {
        const seconds = spreads[exporter];
        return [exporter, seconds ? { ...found, seconds, ratio: best / seconds.min } : found];
      }),
    ),
  };
}

/** Exports a model, and opens it on our side; a reason where one of them cannot. */
async function openExport(
  exporter: string,
  data: string,
  { ours, torch, folder }: MeasuringTeam,
): Promise<ExportedModelResult> {
  const path = join(folder, `${exporter}.onnx`);
  try {
    await torch.ask({ do: "export", exporter, path });
    const runtime = await torch.ask<number | null>({ do: "runtime", path });
    const opened = await ours.ask<OpenedHere>({ do: "open", name: exporter, path, data });
    return { ...opened, ...(runtime !== null && { runtimeDifference: runtime }) };
  } catch (error) {
    return { reason: (error as Error).message.split("\n")[0] };
  }
}
