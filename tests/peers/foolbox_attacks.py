"""Attacks a small network with foolbox.

Reads one JSON object from standard input: the network's weights (kernels [kh, kw, in, out]), images
[B, H, W, C], labels, and a list of attacks. Writes a list of adversarial images in the same layout.
"""

import json
import sys

import foolbox
import torch

from small_network import Network, tensor


def build(name, settings):
    """Returns a foolbox attack, and the arguments of a run."""
    kinds = {
        "fgsm": foolbox.attacks.LinfFastGradientAttack,
        "bim": foolbox.attacks.LinfBasicIterativeAttack,
        "pgd": foolbox.attacks.LinfProjectedGradientDescentAttack,
        "pgd-l2": foolbox.attacks.L2ProjectedGradientDescentAttack,
        "deepfool-linf": foolbox.attacks.LinfDeepFoolAttack,
        "deepfool-l2": foolbox.attacks.L2DeepFoolAttack,
        "carlini-wagner-l2": foolbox.attacks.L2CarliniWagnerAttack,
    }
    settings = dict(settings)
    epsilon = settings.pop("epsilon", None)
    return kinds[name](**settings), {} if epsilon is None else {"epsilon": epsilon}


def main():
    given = json.load(sys.stdin)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = Network(given["weights"]).eval().requires_grad_(False)
    model = foolbox.PyTorchModel(network, bounds=(0, 1), device="cpu")
    images = tensor(given["images"]).permute(0, 3, 1, 2).contiguous()
    labels = torch.tensor(given["labels"])
    results = []
    for request in given["attacks"]:
        attack, arguments = build(request["name"], request["settings"])
        criterion = foolbox.criteria.Misclassification(labels)
        if request.get("targets"):
            criterion = foolbox.criteria.TargetedMisclassification(torch.tensor(request["targets"]))
        adversarial = attack.run(model, images, criterion, **arguments)
        results.append(adversarial.permute(0, 2, 3, 1).flatten().tolist())
    json.dump({"logits": network(images).tolist(), "adversarial": results}, sys.stdout)


main()
