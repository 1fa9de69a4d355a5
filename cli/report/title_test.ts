import { robustLosses } from "@realign/core";
import assert from "node:assert/strict";
import { sampleEvaluation, samplePreset } from "../testing.ts";
import { architectureLabel, datasetLabel, titleOf } from "./title.ts";

Deno.test("architectureLabel and datasetLabel spell names as the field does, and leave others", () => {
  const names = {
    resnet20: "ResNet-20",
    "wrn-34-10": "WRN-34-10",
    "pspnet-resnet18-w0.5": "PSPNet ResNet-18 w0.5",
    "deeplabv3-resnet50": "DeepLabv3 ResNet-50",
    "ssd192-vgg16-bn-w0.1875": "SSD192 VGG-16 BN w0.1875",
    "rfb300-vgg16": "RFBNet300 VGG-16",
    "ssd300-amdegroot": "SSD300 amdegroot",
    "my_net-2": "my_net-2",
    constructor: "constructor",
  };
  for (const [name, label] of Object.entries(names)) assert.equal(architectureLabel(name), label);
  assert.deepEqual(["cifar10", "voc0712", "mine"].map(datasetLabel), [
    "CIFAR-10",
    "VOC 2007 + 2012",
    "mine",
  ]);
});

Deno.test("titleOf names target, data and method, not the run", () => {
  const cifar = { ...samplePreset, dataset: { ...samplePreset.dataset, name: "cifar10" } };
  assert.equal(
    titleOf(cifar, sampleEvaluation),
    "ResNet-20 on CIFAR-10, defended by Generator G (full loss)",
  );
  const losses = { ...samplePreset.losses, setting: "L_I+F" } as const;
  assert.match(titleOf({ ...cifar, losses }, sampleEvaluation), /Generator G \(L_I\+F\)$/);
  const weights = { ...robustLosses.weights, task: 0.5 };
  const robust = titleOf({ ...cifar, losses: { ...robustLosses, weights } }, sampleEvaluation);
  assert.match(robust, /Generator G \(task loss\)$/);
  assert.equal(titleOf(cifar, undefined), "ResNet-20 on CIFAR-10");
  const [none, generator] = sampleEvaluation.systems;
  const jpeg = { ...generator, name: "jpeg", title: "JPEG", role: "other" } as const;
  assert.match(titleOf(cifar, { ...sampleEvaluation, systems: [none, jpeg] }), /by JPEG$/);
});
