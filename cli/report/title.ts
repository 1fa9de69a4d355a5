/**
 * What a report is about: target, data, method.
 *
 * @module
 */
import { type Evaluation, isModelFile, type Preset } from "@realign/core";
import { subjectsOf } from "./compared_rows.ts";

/** How the field writes names; others stay as they are. */
const SPELLINGS: Readonly<Record<string, string>> = {
  cifar10: "CIFAR-10",
  cifar100: "CIFAR-100",
  imagenet64: "ImageNet-64",
  "tiny-imagenet": "Tiny ImageNet",
  camvid: "CamVid",
  cityscapes: "Cityscapes",
  voc: "VOC",
  voc2007: "VOC 2007",
  voc2012: "VOC 2012",
  voc0712: "VOC 2007 + 2012",
  coco: "COCO",
  bccd: "BCCD",
  wrn: "WRN",
  resnet: "ResNet",
  vgg: "VGG",
  pspnet: "PSPNet",
  deeplabv3: "DeepLabv3",
  ssd: "SSD",
  rfb: "RFBNet",
  bn: "BN",
};

/** Architectures whose number follows a hyphen; an SSD300 has an image size in its name. */
const WITH_DEPTH = new Set(["resnet", "vgg"]);

/** A dataset's name as the field writes it, e.g. "CIFAR-10". */
export function datasetLabel(name: string): string {
  return Object.hasOwn(SPELLINGS, name) ? SPELLINGS[name] : name;
}

/** An architecture's name as the field writes it, e.g. "ResNet-20", "PSPNet ResNet-18 w0.5"; a model file's as it is. */
export function architectureLabel(name: string): string {
  if (isModelFile(name)) return name;
  return name.split(/-(?=[a-z])/i).map((word) => {
    if (Object.hasOwn(SPELLINGS, word)) return SPELLINGS[word];
    const [, letters, rest] = /^([a-z]*)(.*)$/s.exec(word)!;
    if (!Object.hasOwn(SPELLINGS, letters)) return word;
    const isDepth = WITH_DEPTH.has(letters) && /^\d/.test(rest);
    return `${SPELLINGS[letters]}${isDepth ? "-" : ""}${rest}`;
  }).join(" ");
}

/**
 * The title of a report: e.g. "ResNet-20 on CIFAR-10, defended by Generator G (L_I+F)".
 *
 * @param preset The run's; its losses name what trained the defense
 * @param evaluation What was measured; without it there is no defense to name
 */
export function titleOf(
  { target, dataset, losses, recipe }: Pick<Preset, "target" | "dataset" | "losses" | "recipe">,
  evaluation: Evaluation | undefined,
): string {
  const what = `${architectureLabel(target.architecture)} on ${datasetLabel(dataset.name)}`;
  const subjects = evaluation ? subjectsOf(evaluation) : [];
  if (subjects.length === 0) return what;
  const method = recipe ? `${recipe.protocol} protocol` : lossLabel(losses);
  const names = subjects.map(({ title, role }) =>
    role === "subject" ? `${title} (${method})` : title
  );
  return `${what}, defended by ${names.join(" and ")}`;
}

/** Which losses trained G: of the robust presets the task's alone, whatever the setting would take besides. */
function lossLabel({ setting, weights }: Preset["losses"]): string {
  const terms = Object.entries(weights).filter(([, weight]) => weight !== 0);
  if (terms.length === 1 && terms[0][0] === "task") return "task loss";
  return setting === "full" ? "full loss" : setting;
}
