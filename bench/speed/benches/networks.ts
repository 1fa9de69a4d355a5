/**
 * Published segmenters and detectors, forward and back, and the way from a detector's numbers to boxes.
 *
 * @module
 */
import { parseSafetensors } from "@realign/core";
import { join } from "node:path";
import type { NetworkSettings } from "../ours/network.ts";
import { rawKinds } from "../ours/raw_detections.ts";
import { alternate } from "../alternate.ts";
import { compareTensors } from "../agreement.ts";
import { type BenchGroup, groupOf, OURS } from "../result.ts";
import { type Bench, type BenchContext, repetitions, Team, toMilliseconds } from "../team.ts";

const ssd300: NetworkSettings = {
  task: "detection",
  architecture: "ssd300-vgg16",
  classes: 20,
  size: 300,
  batchSize: 2,
};

/** With the classes of VOC. */
const measured: readonly NetworkSettings[] = [
  { task: "segmentation", architecture: "pspnet-resnet50", classes: 21, size: 257, batchSize: 2 },
  {
    task: "segmentation",
    architecture: "deeplabv3-resnet50",
    classes: 21,
    size: 257,
    batchSize: 2,
  },
  ssd300,
];

/** Pictures whose boxes are found in a run. */
const PICTURES = 4;

/**
 * L_o and its gradient with respect to the images, weights frozen and norms by their averages: what every step of an
 * attack, and of training G, asks of O. No weight has a gradient on either side.
 */
export const networks: Bench = {
  title: "L_o and its gradient with respect to the images",
  async run(context) {
    const groups: BenchGroup[] = [];
    const agreement: Record<string, unknown> = {};
    const failed: Record<string, string> = {};
    let versions = {};
    for (const network of measured) {
      const { architecture, batchSize, size } = network;
      const name = `${architecture}, ${batchSize} of ${size}x${size}`;
      context.notify(`networks: ${name}`);
      await using team = await Team.openNetwork(context, network);
      agreement[architecture] = await agree(context, team);
      const contenders = await team.prepareAll("gradient");
      const rounds = await alternate(contenders, repetitions(context, 9, 2));
      groups.push(groupOf(name, toMilliseconds(rounds), { aim: 1 }));
      for (const [side, reason] of Object.entries(team.failed)) {
        failed[`${architecture}, ${side}`] = reason;
      }
      versions = team.versions;
    }
    return { groups, agreement, failed, settings: { networks: measured }, versions };
  },
};

/** Post-processing of 8,732 boxes by 21 classes, a picture; torchvision's has no compiled form. */
export const boxes: Bench = {
  title: "boxes from a detector's raw output, per image",
  async run(context) {
    const settings = { ...ssd300, batchSize: PICTURES };
    await using team = await Team.openNetwork(context, settings, { modes: ["eager"] });
    const groups: BenchGroup[] = [];
    const agreement: Record<string, unknown> = {};
    for (const which of rawKinds) {
      const name = `${which} priors see something`;
      agreement[name] = await agree(context, team, { which });
      const contenders = await team.prepareAll("boxes", { which });
      const rounds = toMilliseconds(await alternate(contenders, repetitions(context, 9, 5)));
      const aPicture = Object.fromEntries(
        Object.entries(rounds).map((
          [side, values],
        ) => [side, values.map((value) => value / PICTURES)]),
      );
      groups.push(groupOf(name, aPicture));
    }
    return { groups, agreement, failed: team.failed, settings, versions: team.versions };
  },
};

/** What every side answers, ours compared with each peer's. */
export async function agree(
  { folder }: Pick<BenchContext, "folder">,
  team: Team,
  request: object = {},
): Promise<Record<string, Record<string, number>>> {
  const answerOf = async (name: string, side: Team["ours"]) => {
    const path = join(folder, `answer of ${name}.safetensors`);
    await side.ask({ do: "answer", path, ...request });
    const { tensors } = parseSafetensors(await Deno.readFile(path), path);
    await Deno.remove(path);
    return tensors;
  };
  const ours = await answerOf(OURS, team.ours);
  const agreement: Record<string, Record<string, number>> = {};
  for (const [mode, side] of team.peers) {
    const name = `torch ${mode}`;
    try {
      agreement[name] = compareTensors(name, ours, await answerOf(name, side));
    } catch (error) {
      // A peer that cannot run is left out; one that computes something else ends the bench.
      if (!/failed to answer/.test(String(error))) throw error;
    }
  }
  return agreement;
}
