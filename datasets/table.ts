/**
 * Every dataset by name, with what it can say of a picture.
 *
 * @module
 */
import type { AnnotationKind, Annotations } from "@realign/core";
import { keepClasses, resizeTo } from "./adapt.ts";
import type { BoxDataset } from "./box_files.ts";
import { policyChoices } from "./box_policy.ts";
import { openCamvid } from "./sets/camvid.ts";
import { openCifar10, openCifar100 } from "./sets/cifar.ts";
import { openCityscapes } from "./sets/cityscapes.ts";
import { openCoco } from "./sets/coco.ts";
import { type ClassDataset, digestOf, type OpenedDataset, type OpenOptions } from "./dataset.ts";
import { expectedFiles } from "./expected_files.ts";
import type { LinkOptions } from "./formats/data_root.ts";
import { openFolder } from "./sets/folder.ts";
import { openImagenet64 } from "./sets/imagenet64.ts";
import type { LabelMapDataset } from "./label_files.ts";
import { readLists, readOwnOptions, withNotes, wordsOf } from "./own_options.ts";
import { openShapes, type ShapesAnnotation } from "./sets/shapes.ts";
import { openTinyImagenet } from "./sets/tiny_imagenet.ts";
import { openVoc } from "./sets/voc.ts";
import { vocColour } from "./sets/voc_classes.ts";
import { openVocSegmentation } from "./sets/voc_segmentation.ts";

/** Which pictures. */
export type Split = "train" | "test";

/** Opens a dataset for one kind of annotation. */
export type Open<Kind extends AnnotationKind> = (
  split: Split,
  options: OpenOptions,
) => Promise<OpenedDataset<Annotations[Kind]>>;

/** The kinds of annotation that a dataset has. */
export type Openers = { readonly [Kind in AnnotationKind]?: Open<Kind> };

type SetName = keyof typeof expectedFiles;

/** The folder with a set's files. */
function rootOf(name: SetName, { root }: OpenOptions): string {
  if (root === undefined) {
    throw new Error(`Cannot open ${name} without its files: ${expectedFiles[name]}`);
  }
  return root;
}

/** What every set of files can be told. */
const followOption = { follow: "boolean" } as const;

/** Pictures that show one class each, with the size and classes that are asked for. */
function classes(
  name: SetName,
  open: (
    root: string,
    split: Split,
    options: OpenOptions & LinkOptions,
  ) => Promise<ClassDataset>,
): Openers {
  return {
    async class(split, options) {
      const { follow } = readOwnOptions(name, options.own ?? {}, followOption);
      const dataset = await open(rootOf(name, options), split, { ...options, follow });
      const { classes = dataset.classNames.length, size = dataset.size } = options;
      return resizeTo(keepClasses(dataset, classes), size);
    },
  };
}

/** Fails if only some of the classes are asked for. */
function refuseClasses(name: string, { classes }: OpenOptions): void {
  if (classes !== undefined) {
    throw new RangeError(
      `Cannot keep the first ${classes} classes of ${name} as images show several: leave classes at 0`,
    );
  }
}

/** Pictures with boxes, in VOC's layout, and which lists are their splits; own options choose others. */
function vocBoxes(
  name: SetName,
  lists: Readonly<Record<Split, string>>,
  classNames?: readonly string[],
): Open<"boxes"> {
  return async (split, options) => {
    refuseClasses(name, options);
    const { classes, train = lists.train, test = lists.test, ...policy } = readOwnOptions(
      name,
      options.own ?? {},
      { ...followOption, ...policyChoices, train: "string", test: "string", classes: "string" },
    );
    const { names, notes } = readLists(name, { train, test }, split);
    const dataset = await openVoc(rootOf(name, options), names, {
      ...policy,
      name,
      size: options.size,
      classNames: classes === undefined ? classNames : wordsOf(classes),
      advice: expectedFiles[name],
    });
    return withNotes(dataset, notes);
  };
}

const cocoLists = (folder: string) => `annotations/instances_${folder}.json,${folder}`;

async function coco(split: Split, options: OpenOptions): Promise<BoxDataset> {
  refuseClasses("coco", options);
  const { train = cocoLists("train2017"), test = cocoLists("val2017"), ...policy } = readOwnOptions(
    "coco",
    options.own ?? {},
    { ...followOption, ...policyChoices, train: "string", test: "string" },
  );
  const [file, folder, ...more] = wordsOf(split === "train" ? train : test);
  if (folder === undefined || more.length > 0) {
    throw new RangeError(
      `Cannot open coco as the option ${split} must name a JSON file and the folder of its images, e.g. ${
        cocoLists("val2017")
      }: current value is ${split === "train" ? train : test}`,
    );
  }
  const { notes } = readLists("coco", { train, test }, split);
  const parts = { ...policy, size: options.size };
  return withNotes(await openCoco(rootOf("coco", options), [file, folder], parts), notes);
}

const fits = ["stretch", "cover", "native"] as const;

/** Pictures with label maps, and which lists are their splits; own options choose others. */
function labelMaps(
  name: SetName,
  lists: Readonly<Record<Split, string>>,
  open: (
    root: string,
    lists: readonly string[],
    options: Pick<OpenOptions, "size"> & LinkOptions & { readonly fit?: typeof fits[number] },
  ) => Promise<LabelMapDataset>,
): Openers {
  return {
    async labelMap(split, options) {
      refuseClasses(name, options);
      const { fit, follow, ...chosen } = readOwnOptions(name, options.own ?? {}, {
        ...followOption,
        fit: fits,
        train: "string",
        test: "string",
      });
      const { names, notes } = readLists(name, { ...lists, ...chosen }, split);
      const parts = { size: options.size, fit, follow };
      return withNotes(await open(rootOf(name, options), names, parts), notes);
    },
  };
}

async function shapes(
  split: Split,
  { size: [height, width] = [32, 32], classes, examples, seed, own = {} }: OpenOptions,
): Promise<OpenedDataset<ShapesAnnotation>> {
  const { objects } = readOwnOptions("shapes", own, { objects: "number" });
  if (height !== width) {
    throw new RangeError(
      `Cannot draw shapes as their size must be square: current value is ${height}x${width}`,
    );
  }
  return await openShapes(split, { size: height, classes, count: examples, seed, objects });
}

/** Every dataset. */
export const table: Readonly<Record<string, Openers>> = {
  shapes: {
    class: shapes,
    boxes: shapes,
    async labelMap(split, options) {
      const dataset = await shapes(split, options);
      const classNames = ["background", ...dataset.classNames];
      return {
        ...dataset,
        classNames,
        classColours: classNames.map((_, index) => vocColour(index)),
        digest: digestOf([dataset.digest, "with background"]),
      };
    },
  },
  cifar10: classes("cifar10", openCifar10),
  cifar100: classes(
    "cifar100",
    (root, split, { classes, follow }) =>
      openCifar100(root, split, classes === 20 ? "coarse" : "fine", { follow }),
  ),
  imagenet64: classes("imagenet64", openImagenet64),
  "tiny-imagenet": classes("tiny-imagenet", openTinyImagenet),
  folder: classes("folder", openFolder),
  camvid: labelMaps("camvid", { train: "train", test: "test" }, openCamvid),
  cityscapes: labelMaps("cityscapes", { train: "train", test: "val" }, openCityscapes),
  voc2012: {
    ...labelMaps("voc2012", { train: "train", test: "val" }, openVocSegmentation),
    boxes: vocBoxes("voc2012", { train: "VOC2012/train", test: "VOC2012/val" }),
  },
  voc2007: { boxes: vocBoxes("voc2007", { train: "VOC2007/trainval", test: "VOC2007/test" }) },
  voc0712: {
    boxes: vocBoxes("voc0712", {
      train: "VOC2007/trainval, VOC2012/trainval",
      test: "VOC2007/test",
    }),
  },
  voc: { boxes: vocBoxes("voc", { train: "trainval", test: "test" }) },
  bccd: {
    boxes: vocBoxes("bccd", { train: "trainval", test: "test" }, ["RBC", "WBC", "Platelets"]),
  },
  coco: { boxes: coco },
};
