"""Runs torchvision's SSD300 over VGG-16.

Reads one JSON object from standard input: the path of a safetensors file with the weights, the number of
classes without the background, images [B, H, W, C] in [0, 1], and the boxes of each image: corners as
shares of the picture, classes from 0. Writes what the heads give, the losses and the detections.
"""

import json
import sys

import numpy
import torch
from torchvision.models.detection import ssd300_vgg16


def read_safetensors(path):
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data[8 + length + begin : 8 + length + end], dtype="<f4")
        tensors[name] = torch.tensor(values.reshape(entry["shape"]))
    return tensors


def main():
    given = json.load(sys.stdin)
    model = ssd300_vgg16(
        weights=None, weights_backbone=None, num_classes=given["classCount"] + 1
    )
    model.load_state_dict(read_safetensors(given["weights"]))
    shape = given["images"]["shape"]
    images = torch.tensor(given["images"]["values"], dtype=torch.float32).reshape(shape)
    images = list(images.permute(0, 3, 1, 2))
    height, width = shape[1:3]
    raw = {}
    model.head.register_forward_hook(lambda _module, _inputs, output: raw.update(output))
    scale = torch.tensor([width, height, width, height], dtype=torch.float32)
    targets = [
        {
            "boxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4) * scale,
            "labels": torch.tensor(classes, dtype=torch.int64) + 1,
        }
        for boxes, classes in zip(given["boxes"], given["classes"])
    ]
    with torch.no_grad():
        losses = model.train()(images, targets)
        detections = model.eval()(images)
    json.dump(
        {
            "logits": raw["cls_logits"].flatten().tolist(),
            "offsets": raw["bbox_regression"].flatten().tolist(),
            "losses": {name: loss.item() for name, loss in losses.items()},
            "detections": [
                {
                    "boxes": found["boxes"].tolist(),
                    "classes": (found["labels"] - 1).tolist(),
                    "scores": found["scores"].tolist(),
                }
                for found in detections
            ],
        },
        sys.stdout,
    )


main()
