"""Attacks the small network with torchattacks: with APGD from the noise that it is given, or with AutoAttack.

An attack that has numbers for its start is APGD: its images are those of the last misclassified iterate, or else of
the one with the highest loss.
"""

from unittest import mock

import torch
import torchattacks

from small_network import answer, to_torch


def apgd(network, images, labels, settings, noise):
    attack = torchattacks.APGD(network, **settings)
    # The library draws 2 rand - 1 in one norm and randn in the other.
    with (
        mock.patch("torch.rand", lambda *_: (noise + 1) / 2),
        mock.patch("torch.randn", lambda *_: noise),
    ):
        best, right, _, fooling = attack.attack_single_run(images, labels)
    return torch.where(right[:, None, None, None], best, fooling)


def attack(network, images, labels, request):
    if "noise" in request:
        return apgd(network, images, labels, request["settings"], to_torch(request["noise"]))
    return torchattacks.AutoAttack(network, seed=0, **request["settings"])(images, labels)


answer(attack)
