"""Networks of torchvision in small, exported as ONNX, with their outputs and input gradients in float64."""

import json
import sys
import warnings

import tensor_file
import torch
from torch import nn
from torchvision import models
from torchvision.models import convnext, resnet, swin_transformer, vision_transformer


class Outputs(nn.Module):
    """A network whose outputs are a list."""

    def __init__(self, network, choose):
        super().__init__()
        self.network, self.choose = network, choose

    def forward(self, images):
        return self.choose(self.network(images))


class Heads(nn.Module):
    """What a detector decodes: scores and boxes."""

    def __init__(self, detector):
        super().__init__()
        self.backbone, self.head = detector.backbone, detector.head

    def forward(self, images):
        found = self.backbone(images)
        outputs = self.head(list(found.values()))
        return outputs["cls_logits"], outputs["bbox_regression"]


def segmenter(create):
    network = create(weights=None, weights_backbone=None, num_classes=4)
    return Outputs(network, lambda outputs: outputs["out"])


NETWORKS = {
    "resnet": lambda: resnet.ResNet(resnet.BasicBlock, [1, 1, 1, 1], num_classes=7),
    "resnext": lambda: resnet.ResNet(
        resnet.Bottleneck, [1, 1, 1, 1], num_classes=7, groups=4, width_per_group=8
    ),
    "mobilenet_v3": lambda: models.mobilenet_v3_small(num_classes=7),
    "efficientnet": lambda: models.efficientnet_b0(num_classes=7),
    "densenet": lambda: models.DenseNet(8, (2, 2, 2), 16, num_classes=7),
    "shufflenet": lambda: models.shufflenet_v2_x0_5(num_classes=7),
    "squeezenet": lambda: models.squeezenet1_1(num_classes=7),
    "convnext": lambda: convnext.ConvNeXt(
        [convnext.CNBlockConfig(16, 24, 1), convnext.CNBlockConfig(24, None, 2)], num_classes=7
    ),
    "vit": lambda: vision_transformer.VisionTransformer(64, 16, 2, 2, 32, 64, num_classes=7),
    "swin": lambda: swin_transformer.SwinTransformer(
        [4, 4], 16, [2, 2], [2, 2], [4, 4], num_classes=7
    ),
    "deeplabv3": lambda: segmenter(models.segmentation.deeplabv3_mobilenet_v3_large),
    "fcn": lambda: segmenter(models.segmentation.fcn_resnet50),
    "lraspp": lambda: segmenter(models.segmentation.lraspp_mobilenet_v3_large),
    "ssdlite": lambda: Heads(
        models.detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)
    ),
    "retinanet": lambda: Heads(
        models.detection.retinanet_resnet50_fpn(weights=None, weights_backbone=None, num_classes=4)
    ),
}


def lively(network):
    """Fresh batch norms do nothing, and fresh heads give next to nothing: both are given something to do."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean, 0, 0.1)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
        if hasattr(layer, "layer_scale"):
            nn.init.ones_(layer.layer_scale)
        if isinstance(layer, vision_transformer.VisionTransformer):
            nn.init.normal_(layer.heads.head.weight, 0, 0.1)
    return network.eval()


def gradient_of(network, images, weights):
    images = images.clone().requires_grad_()
    outputs = network(images)
    first = outputs[0] if isinstance(outputs, tuple) else outputs
    (first * weights).sum().backward()
    return images.grad


def export(name, request):
    """Writes a network's file, and one with images, outputs and the gradient; returns how far PyTorch's float32 is off."""
    torch.manual_seed(1)
    network = lively(NETWORKS[name]())
    images = torch.rand(2, 3, request["sizes"][name], request["sizes"][name])
    path = f"{request['folder']}/{name}"
    older = {"opset_version": request["opset"], "dynamic_axes": {"images": {0: "batch"}}}
    torch.onnx.export(
        network,
        (images,),
        f"{path}.onnx",
        input_names=["images"],
        dynamo=request["dynamo"],
        **({"verbose": False} if request["dynamo"] else older),
    )
    with torch.no_grad():
        outputs = network(images)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    weights = torch.randn_like(outputs[0])
    single = gradient_of(network, images, weights)
    double = gradient_of(network.double(), images.double(), weights.double())
    tensors = {f"output{index}": output for index, output in enumerate(outputs)}
    tensors |= {"images": images, "weights": weights, "gradient": double.float()}
    tensor_file.write(tensors, f"{path}.safetensors")
    return ((single.double() - double).norm() / double.norm()).item()


def main():
    request = json.load(sys.stdin)
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    stdout, sys.stdout = sys.stdout, sys.stderr  # the exporter prints
    json.dump({name: export(name, request) for name in request["sizes"]}, stdout)


if __name__ == "__main__":
    main()
