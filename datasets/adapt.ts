/**
 * The first classes of a dataset, and pictures of another size.
 *
 * @module
 */
import { assertIndex, type ClassDataset, digestOf } from "./dataset.ts";
import { resizePicture } from "./formats/decode.ts";

/** Keeps the examples of the first `count` classes. */
export function keepClasses(dataset: ClassDataset, count: number): ClassDataset {
  const { classNames } = dataset;
  if (classNames.length < 2) {
    throw new RangeError(
      `Cannot use ${dataset.name} ${dataset.split} as it must have at least two classes: it has ${
        classNames.join(", ") || "none"
      }`,
    );
  }
  if (!(Number.isInteger(count) && count >= 2 && count <= classNames.length)) {
    throw new RangeError(
      `Cannot keep classes of ${dataset.name} as their number must be from 2 to ${classNames.length}: ` +
        `current value is ${count}`,
    );
  }
  if (count === classNames.length) return dataset;
  const kept: number[] = [];
  for (let index = 0; index < dataset.length; index++) {
    if (dataset.classOf(index) < count) kept.push(index);
  }
  const part: ClassDataset = {
    ...dataset,
    ...(dataset.files && { files: kept.map((index) => dataset.files![index]) }),
    length: kept.length,
    classNames: classNames.slice(0, count),
    digest: digestOf([dataset.digest, `${count} classes`]),
    classOf: (index) => {
      assertIndex(part, index);
      return dataset.classOf(kept[index]);
    },
    async read(index) {
      assertIndex(part, index);
      return await dataset.read(kept[index]);
    },
  };
  return part;
}

/** Resizes every picture as it is read. */
export function resizeTo(dataset: ClassDataset, size: readonly [number, number]): ClassDataset {
  if (size[0] === dataset.size[0] && size[1] === dataset.size[1]) return dataset;
  return {
    ...dataset,
    size,
    digest: digestOf([dataset.digest, `${size[0]}x${size[1]}`]),
    async read(index) {
      const example = await dataset.read(index);
      return { ...example, picture: await resizePicture(example.picture, size) };
    },
  };
}
