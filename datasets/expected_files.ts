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
  folder: "--data must be a folder of class folders of images, either train/CLASS/* and " +
    "test/CLASS/* (or val/CLASS/*), or CLASS/*, which is then split by the seed",
  camvid:
    "--data must be the folder of CamVid in SegNet's layout, with train.txt, val.txt, test.txt " +
    "and the folders train, trainannot, val, valannot, test, testannot of PNG files",
  cityscapes:
    "--data must be the folder of Cityscapes with leftImg8bit/SPLIT/CITY/*_leftImg8bit.png " +
    "and gtFine/SPLIT/CITY/*_gtFine_labelIds.png, SPLIT being train and val",
  voc2012:
    "--data must be the folder with VOCdevkit/VOC2012, which holds JPEGImages, ImageSets and, " +
    "for segmentation, SegmentationClass, for detection, Annotations",
  voc2007:
    "--data must be the folder with VOCdevkit/VOC2007, which holds JPEGImages, Annotations " +
    "and ImageSets/Main with trainval.txt and test.txt",
  voc0712:
    "--data must be the folder with VOCdevkit/VOC2007 and VOCdevkit/VOC2012, each of which " +
    "holds JPEGImages, Annotations and ImageSets/Main with trainval.txt, VOC2007 test.txt as well",
  bccd:
    "--data must be the folder of BCCD with VOCdevkit/VOC2007 (or JPEGImages itself), which holds " +
    "JPEGImages, Annotations and ImageSets/Main with train.txt, val.txt and test.txt",
  voc: "--data must be a folder in the layout of VOC, with JPEGImages, Annotations and " +
    "ImageSets/Main/LIST.txt, itself or as VOCdevkit/YEAR",
  coco: "--data must be the folder of COCO with annotations/instances_train2017.json, " +
    "annotations/instances_val2017.json and the image folders train2017 and val2017",
} as const;
