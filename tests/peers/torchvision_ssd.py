"""Runs torchvision's SSD300 over VGG-16.

Reads one JSON object from standard input: the path of a safetensors file with the weights, the number of
classes without the background, images [B, H, W, C] in [0, 1], and the boxes of each image: corners as
shares of the picture, classes from 0. Writes what the heads give, the losses and the detections.
"""

import json
import sys

import tensor_file
import torch
from torchvision.models.detection import ssd300_vgg16


def build(classes):
    """SSD300 of so many classes, the background beside them."""
    return ssd300_vgg16(weights=None, weights_backbone=None, num_classes=classes + 1)


def main():
    given = json.load(sys.stdin)
    model = build(given["classCount"])
    model.load_state_dict(tensor_file.read(given["weights"]))
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


if __name__ == "__main__":
    main()
