"""Attacks the small network with foolbox."""

import foolbox
import torch

from small_network import answer


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
        "hop-skip-jump": foolbox.attacks.HopSkipJumpAttack,
    }
    settings = dict(settings)
    epsilon = settings.pop("epsilon", None)
    return kinds[name](**settings), {} if epsilon is None else {"epsilon": epsilon}


def attack(network, images, labels, request):
    model = foolbox.PyTorchModel(network, bounds=(0, 1), device="cpu")
    built, arguments = build(request["name"], request["settings"])
    criterion = foolbox.criteria.Misclassification(labels)
    if request.get("targets"):
        criterion = foolbox.criteria.TargetedMisclassification(torch.tensor(request["targets"]))
    return built.run(model, images, criterion, **arguments)


answer(attack)
