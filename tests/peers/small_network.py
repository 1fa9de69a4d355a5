"""The small network that attacks are compared on, from weights in JSON (kernels [kh, kw, in, out])."""

import json
import sys

import torch
from torch import nn
from torch.nn import functional


def tensor(entry):
    return torch.tensor(entry["values"], dtype=torch.float32).reshape(entry["shape"])


class Network(nn.Module):
    """Two convolutions with ReLU, average pooling by two, one dense layer."""

    def __init__(self, weights):
        super().__init__()
        self.first = nn.Parameter(tensor(weights["first"]).permute(3, 2, 0, 1))
        self.second = nn.Parameter(tensor(weights["second"]).permute(3, 2, 0, 1))
        self.last = nn.Parameter(tensor(weights["last"]))

    def forward(self, images):
        features = functional.relu(functional.conv2d((images - 0.5) * 4, self.first, padding=1))
        features = functional.relu(functional.conv2d(features, self.second, padding=1))
        pooled = functional.avg_pool2d(features, 2).permute(0, 2, 3, 1)
        return pooled.flatten(1) @ self.last


def to_torch(entry):
    """Images [B, H, W, C] as PyTorch has them."""
    return tensor(entry).permute(0, 3, 1, 2).contiguous()


def answer(attack):
    """Reads weights, images, labels and attacks from standard input, and writes logits and adversarial images.

    `attack` takes the network, images, labels and an attack's request to adversarial images.
    """
    given = json.load(sys.stdin)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = Network(given["weights"]).eval().requires_grad_(False)
    images = to_torch(given["images"])
    labels = torch.tensor(given["labels"])
    adversarial = [
        attack(network, images, labels, request).detach().permute(0, 2, 3, 1).flatten().tolist()
        for request in given["attacks"]
    ]
    json.dump({"logits": network(images).tolist(), "adversarial": adversarial}, sys.stdout)
