"""RFBNet300 over VGG-16 from a file of weights, by PyTorch's functions alone.

Reads one JSON object from standard input: the path of a safetensors file with the weights and images
[B, H, W, C] as the network takes them: 300 x 300, blue first, less the mean. Writes logits and offsets, and the
names of weights that nothing asked for.
"""

import json
import sys

import tensor_file
import torch
from torch.nn import functional

# Stride and dilation of each convolution of a branch; "s" is the block's stride.
FINE = [
    [(1, 1), (1, 1)],
    [(1, 1), (1, 1), (1, 3)],
    [(1, 1), (1, 1), (1, 3)],
    [(1, 1), (1, 1), (1, 1), (1, 5)],
]
COARSE = [
    [("s", 1), (1, 2)],
    [(1, 1), ("s", 1), (1, 3)],
    [(1, 1), (1, 1), ("s", 1), (1, 5)],
]


class Network:
    """What the file's weights compute."""

    def __init__(self, weights):
        self.weights = weights
        self.asked = set()

    def get(self, name):
        self.asked.add(name)
        return self.weights[name]

    def plain(self, name, images, padding=1, dilation=1):
        weight, bias = self.get(f"{name}.weight"), self.get(f"{name}.bias")
        return functional.conv2d(images, weight, bias, 1, padding, dilation)

    def basic(self, name, images, stride=1, dilation=1, relu=True, keep=True):
        weight = self.get(f"{name}.conv.weight")
        padding = [dilation * (side - 1) // 2 if keep else 0 for side in weight.shape[2:]]
        images = functional.conv2d(images, weight, None, stride, padding, dilation)
        parts = ("running_mean", "running_var", "weight", "bias")
        images = functional.batch_norm(images, *[self.get(f"{name}.bn.{part}") for part in parts])
        return images.relu() if relu else images

    def block(self, name, images, branches, stride=1):
        outputs = []
        for index, branch in enumerate(branches):
            output = images
            for place, (step, dilation) in enumerate(branch):
                step = stride if step == "s" else step
                relu = place < len(branch) - 1
                layer = f"{name}.branch{index}.{place}"
                output = self.basic(layer, output, step, dilation, relu)
            outputs.append(output)
        joined = self.basic(f"{name}.ConvLinear", torch.cat(outputs, 1), relu=False)
        return (joined + self.basic(f"{name}.shortcut", images, stride, relu=False)).relu()

    def sources(self, images):
        groups = [(0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28)]
        for index, places in enumerate(groups):
            if index > 0:
                images = functional.max_pool2d(images, 2, 2, ceil_mode=index == 3)
            for place in places:
                images = self.plain(f"base.{place}", images).relu()
            if index == 3:
                yield self.block("Norm", images, FINE)
        images = functional.max_pool2d(images, 3, 1, 1)
        images = self.plain("base.31", images, 6, 6).relu()
        images = self.plain("base.33", images, 0).relu()
        for index, stride in enumerate((1, 2, 2)):
            images = self.block(f"extras.{index}", images, COARSE, stride)
            yield images
        for place in (3, 5):
            images = self.basic(f"extras.{place}", images)
            images = self.basic(f"extras.{place + 1}", images, keep=False)
            yield images


def main():
    given = json.load(sys.stdin)
    shape = given["images"]["shape"]
    images = torch.tensor(given["images"]["values"], dtype=torch.float32).reshape(shape)
    network = Network(tensor_file.read(given["weights"]))
    heads = {"conf": [], "loc": []}
    with torch.no_grad():
        for index, source in enumerate(network.sources(images.permute(0, 3, 1, 2))):
            for name, outputs in heads.items():
                output = network.plain(f"{name}.{index}", source)
                outputs.append(output.permute(0, 2, 3, 1).flatten(1))
    json.dump(
        {
            "logits": torch.cat(heads["conf"], 1).flatten().tolist(),
            "offsets": torch.cat(heads["loc"], 1).flatten().tolist(),
            "unused": sorted(set(network.weights) - network.asked),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
