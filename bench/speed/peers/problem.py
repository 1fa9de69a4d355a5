"""Reads a problem: the weights of all networks and the data, from one safetensors file."""

import tensor_file
import torch

from networks import build


def fast(tensor):
    return tensor.to(memory_format=torch.channels_last)


def prefixed(tensors, prefix):
    """What has a prefix, without it."""
    return {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}


def load(network, tensors):
    """Gives a network its weights, in channels_last."""
    wanted = network.state_dict()
    missing = [k for k in wanted if k not in tensors and not k.endswith("num_batches_tracked")]
    if missing:
        raise ValueError(f"the problem has no {missing[0]}")
    network.load_state_dict({k: tensors[k] for k in wanted if k in tensors}, strict=False)
    network.to(memory_format=torch.channels_last)


class Problem:
    """Networks in channels_last with the file's weights, and the data."""

    def __init__(self, path, preset, classes):
        tensors = tensor_file.read(path)
        self.preset = preset
        self.classes = classes
        self.networks = build(preset, classes)
        for name, network in self.networks.items():
            load(network, prefixed(tensors, f"{name}."))
        for name in ("target", "perceptual"):
            self.networks[name].eval().requires_grad_(False)
        images = {k: tensors[f"data.{k}"] for k in ("clean", "adversarial", "pool")}
        self.clean, self.adversarial, self.pool = (
            fast(value.permute(0, 3, 1, 2)) for value in images.values()
        )
        self.labels = tensors["data.labels"].long()
        self.pool_labels = tensors["data.poolLabels"].long()
