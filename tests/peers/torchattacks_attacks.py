"""Attacks the small network with torchattacks."""

import torchattacks

from small_network import answer


def attack(network, images, labels, request):
    return getattr(torchattacks, request["name"])(network, **request["settings"])(images, labels)


answer(attack)
