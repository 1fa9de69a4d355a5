"""Attacks a small network with torchattacks' APGD, from the noise that it is given.

Reads one JSON object from standard input: the network's weights (kernels [kh, kw, in, out]), images
[B, H, W, C], labels, and a list of attacks, each with the numbers that its start is drawn from. Writes
for each attack the adversarial images in the same layout: those of the last misclassified iterate, or else
of the one with the highest loss.
"""

import json
import sys
from unittest import mock

import torch
import torchattacks

from small_network import Network, tensor


def main():
    given = json.load(sys.stdin)
    torch.set_num_threads(1)
    network = Network(given["weights"]).eval().requires_grad_(False)
    images = tensor(given["images"]).permute(0, 3, 1, 2).contiguous()
    labels = torch.tensor(given["labels"])
    results = []
    for request in given["attacks"]:
        attack = torchattacks.APGD(network, **request["settings"])
        noise = tensor({"values": request["noise"], "shape": given["images"]["shape"]})
        noise = noise.permute(0, 3, 1, 2).contiguous()
        # The library draws 2 rand - 1 in one norm and randn in the other.
        with (
            mock.patch("torch.rand", lambda *_: (noise + 1) / 2),
            mock.patch("torch.randn", lambda *_: noise),
        ):
            best, right, _, fooling = attack.attack_single_run(images, labels)
        chosen = torch.where(right[:, None, None, None], best, fooling)
        results.append(chosen.permute(0, 2, 3, 1).flatten().tolist())
    json.dump(results, sys.stdout)


main()
