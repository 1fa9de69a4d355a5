"""Trains torchvision's ResNet-18 on a folder in Tiny ImageNet's layout, and exports it as ONNX.

python resnet18.py DIR OUT.onnx [EPOCHS] [SEED]: prints its accuracy on the val split as JSON.
"""

import json
import os
import sys
import warnings

import numpy
import torch
from PIL import Image
from torch.nn import functional
from torchvision.models import resnet18

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BATCH = 64


def pixels(path):
    return numpy.asarray(Image.open(path).convert("RGB"), numpy.uint8)


def read(folder):
    """Images [N, 3, 64, 64] in bytes and classes in the order of their sorted WordNet ids, of train and val."""
    with open(os.path.join(folder, "wnids.txt")) as file:
        names = sorted(file.read().split())
    train = []
    for index, name in enumerate(names):
        images = os.path.join(folder, "train", name, "images")
        train += [(os.path.join(images, image), index) for image in sorted(os.listdir(images))]
    val = []
    with open(os.path.join(folder, "val", "val_annotations.txt")) as file:
        for line in file:
            image, name = line.split("\t")[:2]
            val.append((os.path.join(folder, "val", "images", image), names.index(name)))

    def stacked(split):
        images = numpy.stack([pixels(path) for path, _ in split]).transpose(0, 3, 1, 2)
        return torch.from_numpy(images.copy()), torch.tensor([index for _, index in split])

    return names, stacked(train), stacked(val)


def normalized(images):
    mean, deviation = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, DEVIATION))
    return (images.float() / 255 - mean) / deviation


def augmented(images, random):
    """Flipped and shifted by up to 6 pixels."""
    flip = torch.rand(len(images), generator=random) < 0.5
    images = torch.where(flip.view(-1, 1, 1, 1), images.flip(3), images)
    padded = functional.pad(images, (6, 6, 6, 6))
    down, right = torch.randint(13, (2,), generator=random).tolist()
    return padded[:, :, down : down + 64, right : right + 64]


def accuracy(network, images, labels):
    network.eval()
    with torch.no_grad():
        found = torch.cat([network(normalized(part)).argmax(1) for part in images.split(100)])
    return (found == labels).float().mean().item()


def main(folder, path, epochs=30, seed=1):
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    names, (images, labels), val = read(folder)
    network = resnet18(num_classes=len(names))
    optimizer = torch.optim.SGD(
        network.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    steps = len(images) // BATCH
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, epochs * steps)
    for epoch in range(epochs):
        network.train()
        order = torch.randperm(len(images), generator=random)
        for step in range(steps):
            rows = order[step * BATCH : (step + 1) * BATCH]
            scores = network(normalized(augmented(images[rows], random)))
            loss = functional.cross_entropy(scores, labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rate.step()
        print(f"epoch {epoch + 1}/{epochs}: loss {loss.item():.2f}", file=sys.stderr)
    found = accuracy(network, *val)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, 3, 64, 64),),
            path,
            input_names=["images"],
            output_names=["logits"],
            dynamic_axes={"images": {0: "n"}, "logits": {0: "n"}},
            opset_version=17,
            dynamo=False,
        )
    print(json.dumps({"classes": names, "images": len(val[1]), "accuracy": found}))


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:]))
