"""Attacks the small network with torchattacks' FAB and Square.

Reads one JSON object from standard input: the network's weights (kernels [kh, kw, in, out]), images
[B, H, W, C], labels, and a list of attacks. Writes a list of adversarial images in the same layout.
"""

import json
import sys

import torch
import torchattacks

from small_network import Network, tensor

KINDS = {"fab": torchattacks.FAB, "square": torchattacks.Square}


def main():
    given = json.load(sys.stdin)
    torch.set_num_threads(1)
    network = Network(given["weights"]).eval().requires_grad_(False)
    images = tensor(given["images"]).permute(0, 3, 1, 2).contiguous()
    labels = torch.tensor(given["labels"])
    results = []
    for request in given["attacks"]:
        attack = KINDS[request["name"]](network, **request["settings"])
        adversarial = attack(images, labels).detach()
        results.append(adversarial.permute(0, 2, 3, 1).flatten().tolist())
    json.dump({"logits": network(images).tolist(), "adversarial": results}, sys.stdout)


main()
