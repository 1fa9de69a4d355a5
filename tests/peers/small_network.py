"""The small network that attacks are compared on."""

import torch
from torch import nn
from torch.nn import functional


def tensor(entry):
    """A tensor of a shape and its numbers."""
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
