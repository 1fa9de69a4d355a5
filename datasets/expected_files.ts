/**
 * Which files each dataset expects: the advice in errors about missing ones.
 *
 * @module
 */

/** By the dataset's name; each goes on after "Cannot find FILE in FOLDER: ". */
export const expectedFiles = {
  cifar10:
    "--data must be the folder of the CIFAR-10 binary version (cifar-10-batches-bin), with " +
    "data_batch_1.bin to data_batch_5.bin, test_batch.bin and batches.meta.txt",
  cifar100: "--data must be the folder of the CIFAR-100 binary version (cifar-100-binary), with " +
    "train.bin, test.bin, fine_label_names.txt and coarse_label_names.txt",
  imagenet64: "--data must be the folder of downsampled ImageNet 64x64 in npz format, with " +
    "train_data_batch_1.npz to train_data_batch_10.npz and val_data.npz",
  "tiny-imagenet": "--data must be the folder tiny-imagenet-200, with wnids.txt, words.txt, " +
    "train/WNID/images/*.JPEG, val/images/*.JPEG and val/val_annotations.txt",
  folder: "--data must be a folder of class folders of pictures, either train/CLASS/* and " +
    "test/CLASS/* (or val/CLASS/*), or CLASS/*, which is then split by the seed",
} as const;
