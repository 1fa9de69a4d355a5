"""Attacks a small network with torchattacks: with APGD from the noise that it is given, or with AutoAttack.

Reads one JSON object from standard input: the network's weights (kernels [kh, kw, in, out]), images
[B, H, W, C], labels, and a list of attacks; one that has numbers for its start is APGD. Writes for each attack the
adversarial images in the same layout: of APGD those of the last misclassified iterate, or else of the one
with the highest loss.
"""

import json
import sys
from unittest import mock

import torch
import torchattacks

from small_network import Network, tensor


def apgd(network, images, labels, settings, noise):
    attack = torchattacks.APGD(network, **settings)
    # The library draws 2 rand - 1 in one norm and randn in the other.
    with (
        mock.patch("torch.rand", lambda *_: (noise + 1) / 2),
        mock.patch("torch.randn", lambda *_: noise),
    ):
        best, right, _, fooling = attack.attack_single_run(images, labels)
    return torch.where(right[:, None, None, None], best, fooling)


def main():
    given = json.load(sys.stdin)
    torch.set_num_threads(1)
    network = Network(given["weights"]).eval().requires_grad_(False)
    images = tensor(given["images"]).permute(0, 3, 1, 2).contiguous()
    labels = torch.tensor(given["labels"])
    results = []
    for request in given["attacks"]:
        if "noise" in request:
            noise = tensor({"values": request["noise"], "shape": given["images"]["shape"]})
            noise = noise.permute(0, 3, 1, 2).contiguous()
            made = apgd(network, images, labels, request["settings"], noise)
        else:
            made = torchattacks.AutoAttack(network, seed=0, **request["settings"])(images, labels)
        results.append(made.permute(0, 2, 3, 1).flatten().tolist())
    json.dump(results, sys.stdout)


main()
