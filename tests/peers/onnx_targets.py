"""Segmenters and detectors of torchvision, exported as ONNX, with what they say of images, and input gradients in float64."""

import json
import sys
import warnings

import tensor_file
import torch
from torch import nn
from torchvision import models
from torchvision.models import detection
from torchvision.models.detection.image_list import ImageList

CLASSES = 4
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


class Heads(nn.Module):
    """What a detector decodes: scores and boxes."""

    def __init__(self, detector):
        super().__init__()
        self.backbone, self.head = detector.backbone, detector.head

    def forward(self, images):
        outputs = self.head(list(self.backbone(images).values()))
        return outputs["cls_logits"], outputs["bbox_regression"]


class Maps(nn.Module):
    """A segmenter's logits, and its auxiliary head's."""

    def __init__(self, segmenter):
        super().__init__()
        self.segmenter = segmenter

    def forward(self, images):
        return tuple(self.segmenter(images).values())


def segmenter(create, tap):
    def build(_size):
        extra = {} if create is models.segmentation.lraspp_mobilenet_v3_large else {"aux_loss": True}
        network = create(weights=None, weights_backbone=None, num_classes=CLASSES, **extra)
        return Maps(network), None, tap(network.classifier), IMAGENET

    return build


def ssd(create, last, normalization):
    def build(_size):
        network = create(weights=None, weights_backbone=None, num_classes=CLASSES + 1, score_thresh=0.3)
        tap = last(network.head.classification_head.module_list[0])
        return Heads(network), network, tap, normalization

    return build


def retinanet(size):
    network = detection.retinanet_resnet50_fpn(
        weights=None,
        weights_backbone=None,
        num_classes=CLASSES,
        min_size=size,
        max_size=size,
        score_thresh=0.3,
        topk_candidates=10_000,
    )
    head = network.head.classification_head
    nn.init.normal_(head.cls_logits.weight, 0, 0.1)
    nn.init.normal_(head.cls_logits.bias, 0, 1)
    return Heads(network), network, head.conv[0], IMAGENET


NETWORKS = {
    "deeplabv3_resnet50": segmenter(models.segmentation.deeplabv3_resnet50, lambda head: head[-1]),
    "fcn_resnet50": segmenter(models.segmentation.fcn_resnet50, lambda head: head[-1]),
    "lraspp_mobilenet_v3_large": segmenter(
        models.segmentation.lraspp_mobilenet_v3_large, lambda head: head.high_classifier
    ),
    "ssd300_vgg16": ssd(
        detection.ssd300_vgg16,
        lambda module: module,
        ([0.48235, 0.45882, 0.40784], [1 / 255] * 3),
    ),
    "ssdlite320_mobilenet_v3_large": ssd(
        detection.ssdlite320_mobilenet_v3_large,
        lambda module: module[1],
        ([0.5] * 3, [0.5] * 3),
    ),
    "retinanet_resnet50_fpn": retinanet,
}


def lively(network):
    """Fresh batch norms do nothing: they are given something to do."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean, 0, 0.1)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
    return network.eval()


def export(name, size, request):
    """Writes a network's file, and one with what it says; returns how far PyTorch's float32 gradient is off."""
    torch.manual_seed(1)
    cut, whole, tap, (mean, deviation) = NETWORKS[name](size)
    lively(cut if whole is None else whole)
    cut.eval()
    images = torch.rand(request["batch"], 3, size, size)
    mean, deviation = (torch.tensor(v).reshape(1, 3, 1, 1) for v in (mean, deviation))
    path = f"{request['folder']}/{name}"
    names = ["out", "aux"] if whole is None else ["scores", "boxes"]
    given = (images - mean) / deviation
    with torch.no_grad():
        features = []
        hook = tap.register_forward_hook(lambda _layer, inputs, _output: features.append(inputs[0]))
        outputs = cut(given)
        hook.remove()
    older = {"opset_version": 17, "dynamic_axes": {"images": {0: "batch"}}}
    torch.onnx.export(
        cut,
        (given,),
        f"{path}.onnx",
        input_names=["images"],
        output_names=names[: len(outputs)],
        dynamo=request["dynamo"],
        **({"verbose": False} if request["dynamo"] else older),
    )
    tensors = {name: output for name, output in zip(names, outputs)}
    tensors |= {"images": images, "features": features[0]}
    if whole is not None:
        with torch.no_grad():
            found = whole(list(images))[0]
            maps = list(whole.backbone(given).values())
            sizes = [(size, size)] * len(images)
            tensors["anchors"] = whole.anchor_generator(ImageList(given, sizes), maps)[0]
        tensors |= {"found": found["boxes"], "sure": found["scores"]}
        tensors["classes"] = found["labels"].float()
    weights = [torch.randn_like(output) for output in outputs[:2]]
    weights = weights if whole is not None else weights[:1]
    tensors |= {f"weights{index}": weight for index, weight in enumerate(weights)}

    def gradient(kind):
        x = images.to(kind, copy=True).requires_grad_()
        said = cut.to(kind)((x - mean.to(kind)) / deviation.to(kind))
        sum((one * weight.to(kind)).sum() for one, weight in zip(said, weights)).backward()
        return x.grad

    single, double = gradient(torch.float32), gradient(torch.float64)
    tensors["gradient"] = double.float()
    tensor_file.write(tensors, f"{path}.safetensors")
    return ((single.double() - double).norm() / double.norm()).item()


def main():
    request = json.load(sys.stdin)
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    stdout, sys.stdout = sys.stdout, sys.stderr  # the exporter prints
    json.dump({name: export(name, size, request) for name, size in request["sizes"].items()}, stdout)


main()
