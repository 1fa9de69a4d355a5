"""Reads a problem: the weights of all networks and the data, from one safetensors file."""

import json

import torch

from networks import build

def read_safetensors(path):
    """Returns all tensors of a file by name."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        content = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        numbers = torch.frombuffer(content[begin:end], dtype=torch.float32)
        tensors[name] = numbers.reshape(entry["shape"])
    return tensors


def fast(tensor):
    return tensor.to(memory_format=torch.channels_last)


class Problem:
    """Networks in channels_last with the file's weights, and the data."""

    def __init__(self, path, preset, classes):
        tensors = read_safetensors(path)
        self.preset = preset
        self.classes = classes
        self.networks = build(preset, classes)
        for name, network in self.networks.items():
            prefix = f"{name}."
            own = {k[len(prefix):]: v for k, v in tensors.items() if k.startswith(prefix)}
            wanted = network.state_dict()
            missing = [k for k in wanted if k not in own and not k.endswith("num_batches_tracked")]
            if missing:
                raise ValueError(f"the problem has no {prefix}{missing[0]}")
            network.load_state_dict({k: own[k] for k in wanted if k in own}, strict=False)
            network.to(memory_format=torch.channels_last)
        for name in ("target", "perceptual"):
            self.networks[name].eval().requires_grad_(False)
        images = {k: tensors[f"data.{k}"] for k in ("clean", "adversarial", "pool")}
        self.clean, self.adversarial, self.pool = (
            fast(value.permute(0, 3, 1, 2)) for value in images.values()
        )
        self.labels = tensors["data.labels"].long()
        self.pool_labels = tensors["data.poolLabels"].long()
