"""Runs segmentation networks in PyTorch.

Reads one JSON object from standard input: the architecture, the number of classes, images [B, H, W, 3]
in [0, 1], weights for the sum of all logits, and the path of a safetensors file to write the network's
weights to. Writes logits, the gradient of the weighted sum in the images, and the logits of the
network and of its auxiliary head in training mode, all with channels last.
"""

import json
import sys

import tensor_file
import torch
from torch import nn
from torch.nn import functional
from torchvision.models.segmentation import deeplabv3_resnet50

BINS = (1, 2, 3, 6)
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def sequence(inputs, outputs, kernel, **options):
    convolution = nn.Conv2d(inputs, outputs, kernel, bias=False, **options)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]


class Block(nn.Module):
    """A basic block, or a bottleneck, of a residual network whose 3x3 convolutions may be dilated."""

    def __init__(self, inputs, width, stride, dilation, bottleneck):
        super().__init__()
        outputs = 4 * width if bottleneck else width
        wide = {"padding": dilation, "dilation": dilation}
        plan = (
            [(1, {}), (3, {**wide, "stride": stride}), (1, {})]
            if bottleneck
            else [(3, {**wide, "stride": stride}), (3, wide)]
        )
        self.count = len(plan)
        for index, (kernel, options) in enumerate(plan):
            last = index == self.count - 1
            shape = (inputs if index == 0 else width, outputs if last else width)
            setattr(self, f"conv{index + 1}", nn.Conv2d(*shape, kernel, bias=False, **options))
            setattr(self, f"bn{index + 1}", nn.BatchNorm2d(shape[1]))
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, value):
        beside = value if self.downsample is None else self.downsample(value)
        for index in range(1, self.count + 1):
            value = getattr(self, f"bn{index}")(getattr(self, f"conv{index}")(value))
            if index < self.count:
                value = functional.relu(value)
        return functional.relu(value + beside)


class PyramidPooling(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.features = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(bins), *sequence(channels, channels // 4, 1))
            for bins in BINS
        )

    def forward(self, value):
        size = value.shape[2:]
        levels = [
            functional.interpolate(level(value), size, mode="bilinear", align_corners=True)
            for level in self.features
        ]
        return torch.cat([value, *levels], 1)


class Semseg(nn.Module):
    """What networks whose weights have the names and shapes of hszhao/semseg's share: the backbone."""

    def __init__(self, depth, width):
        super().__init__()
        first = round(64 * width)
        self.layer0 = nn.Sequential(
            *sequence(3, first, 3, stride=2, padding=1),
            *sequence(first, first, 3, padding=1),
            *sequence(first, 2 * first, 3, padding=1),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        channels = 2 * first
        ends = []
        for group, count in enumerate([3, 4, 6, 3] if depth == 50 else [2, 2, 2, 2]):
            blocks = []
            inner = round(64 * 2**group * width)
            for index in range(count):
                stride = 2 if group == 1 and index == 0 else 1
                blocks.append(Block(channels, inner, stride, [1, 1, 2, 4][group], depth == 50))
                channels = 4 * inner if depth == 50 else inner
            setattr(self, f"layer{group + 1}", nn.Sequential(*blocks))
            ends.append(channels)
        self.ends = ends

    @staticmethod
    def head(inputs, hidden, classes, kernel):
        return nn.Sequential(
            *sequence(inputs, hidden, kernel, padding=kernel // 2),
            nn.Dropout2d(0),
            nn.Conv2d(hidden, classes, 1),
        )

    def forward(self, images):
        size = images.shape[2:]
        middle = self.layer3(self.layer2(self.layer1(self.layer0(images))))
        maps = {"out": self.cls(self.pyramid(self.layer4(middle)))}
        if self.training:
            maps["aux"] = self.aux(middle)
        return {
            name: functional.interpolate(value, size, mode="bilinear", align_corners=True)
            for name, value in maps.items()
        }


class PspNet(Semseg):
    """PSPNet."""

    def __init__(self, depth, width, classes):
        super().__init__(depth, width)
        _, _, middle, last = self.ends
        self.ppm = PyramidPooling(last)
        self.cls = self.head(2 * last, last // 4, classes, 3)
        self.aux = self.head(middle, middle // 4, classes, 3)

    def pyramid(self, value):
        return self.ppm(value)


class Branches(nn.Module):
    """A 1x1 convolution, dilated ones, and the mean of the map, beside each other."""

    def __init__(self, inputs, outputs):
        super().__init__()
        dilated = [
            nn.Sequential(*sequence(inputs, outputs, 3, padding=rate, dilation=rate))
            for rate in (6, 12, 18)
        ]
        mean = nn.Sequential(nn.AdaptiveAvgPool2d(1), *sequence(inputs, outputs, 1))
        self.convs = nn.ModuleList(
            [nn.Sequential(*sequence(inputs, outputs, 1)), *dilated, mean]
        )

    def forward(self, value):
        *maps, mean = [branch(value) for branch in self.convs]
        return torch.cat([*maps, mean.expand(-1, -1, *value.shape[2:])], 1)


class DeepLabSemseg(Semseg):
    """DeepLabv3 over semseg's backbone, as the paper's authors have it."""

    def __init__(self, depth, width, classes):
        super().__init__(depth, width)
        _, _, middle, last = self.ends
        hidden = round(256 * width)
        self.aspp = Branches(last, hidden)
        self.cls = self.head(5 * hidden, hidden, classes, 1)
        self.aux = self.head(middle, hidden, classes, 1)

    def pyramid(self, value):
        return self.aspp(value)


def build(architecture, classes):
    if architecture == "deeplabv3-resnet50":
        network = deeplabv3_resnet50(
            weights=None, weights_backbone=None, num_classes=classes, aux_loss=True
        )
        for module in network.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0
        return network
    _, backbone, *rest = architecture.split("-")
    width = float(rest[-1][1:]) if rest and rest[-1].startswith("w") else 1
    network = DeepLabSemseg if "semseg" in rest else PspNet
    return network(int(backbone.removeprefix("resnet")), width, classes)


def unsettle(network, images):
    """Gives batch norm statistics and weights as a training would, none of them at its start value."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.2, 0.2)
            module.momentum = 1
    network.train()
    with torch.no_grad():
        network(images)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.1
            module.running_var.mul_(1.5).add_(0.01)


def listed(tensor):
    return tensor.detach().permute(0, 2, 3, 1).flatten().tolist()


def main():
    given = json.load(sys.stdin)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    shape = given["images"]["shape"]
    images = torch.tensor(given["images"]["values"]).reshape(shape).permute(0, 3, 1, 2)
    images = images.contiguous().requires_grad_(True)
    normalized = (images - MEAN) / DEVIATION
    network = build(given["architecture"], given["classes"])
    unsettle(network, normalized.detach())
    tensor_file.write(network.state_dict(), given["path"])
    logits = network.eval()(normalized)["out"]
    weights = torch.tensor(given["weights"]).reshape(logits.permute(0, 2, 3, 1).shape)
    (logits.permute(0, 2, 3, 1) * weights).sum().backward()
    training = network.train()(normalized.detach())
    json.dump(
        {
            "logits": listed(logits),
            "gradient": listed(images.grad),
            "training": listed(training["out"]),
            "auxiliary": listed(training["aux"]),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
