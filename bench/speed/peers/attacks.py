"""Attacks on a problem's target network: foolbox's, torchattacks', and loops by hand."""

import time

import torch
from torch.nn import functional

from networks import Logits
from problem import fast

START_DEVIATION = 0.001


def by_hand(network, images, labels, settings):
    """PGD as few operations as it takes: cross-entropy or KL, one gradient a step."""
    epsilon, step_size = settings["epsilon"], settings["stepSize"]
    lower, upper = (images - epsilon).clamp(0, 1), (images + epsilon).clamp(0, 1)
    starts = {
        "none": lambda: images.clone(),
        "uniform": lambda: images + torch.empty_like(images).uniform_(-epsilon, epsilon),
        "trades": lambda: images + START_DEVIATION * torch.randn_like(images),
    }
    current = torch.clamp(starts[settings["randomStart"]](), lower, upper)
    if settings["objective"] == "kl":
        with torch.no_grad():
            reference = functional.log_softmax(network(images), 1)

    def objective(logits):
        if settings["objective"] == "cross-entropy":
            return functional.cross_entropy(logits, labels, reduction="sum")
        said = functional.log_softmax(logits, 1)
        return functional.kl_div(said, reference, reduction="sum", log_target=True)

    for _ in range(settings["steps"]):
        current.requires_grad_(True)
        (gradient,) = torch.autograd.grad(objective(network(current)), current)
        with torch.no_grad():
            current = torch.clamp(current + step_size * gradient.sign(), lower, upper)
    return current.detach()


def by_foolbox(network, images, labels, settings):
    import foolbox

    model = foolbox.PyTorchModel(network, bounds=(0, 1), device="cpu")
    attack = foolbox.attacks.LinfProjectedGradientDescentAttack(
        abs_stepsize=settings["stepSize"],
        steps=settings["steps"],
        random_start=settings["randomStart"] == "uniform",
    )
    criterion = foolbox.criteria.Misclassification(labels)
    return attack.run(model, images, criterion, epsilon=settings["epsilon"])


def by_torchattacks(network, images, labels, settings):
    """Its defaults are not AutoAttack's: every attack is told its steps, and Square not to rescale its schedule."""
    import torchattacks

    steps, classes = settings.get("steps"), settings.get("classes")
    ball = {"norm": "Linf", "eps": settings["epsilon"], "n_restarts": 1, "seed": 0}

    def fab(steps):
        return torchattacks.FAB(network, **ball, steps=steps, multi_targeted=True, n_classes=classes)

    def square(queries):
        return torchattacks.Square(network, **ball, n_queries=queries, resc_schedule=False)

    kinds = {
        "pgd": lambda: torchattacks.PGD(
            network,
            eps=settings["epsilon"],
            alpha=settings["stepSize"],
            steps=steps,
            random_start=settings["randomStart"] == "uniform",
        ),
        "apgd-ce": lambda: torchattacks.APGD(network, **ball, steps=steps, loss="ce"),
        "apgd-dlr": lambda: torchattacks.APGD(network, **ball, steps=steps, loss="dlr"),
        "fab-t": lambda: fab(steps),
        "square": lambda: square(settings["queries"]),
        "autoattack": lambda: torchattacks.MultiAttack([
            torchattacks.APGD(network, **ball, steps=100, loss="ce"),
            torchattacks.APGDT(network, **ball, steps=100, n_classes=classes),
            fab(100),
            square(5000),
        ]),
    }
    if settings["name"] != "pgd":
        images = images.contiguous()  # FAB views them row by row
    return kinds[settings["name"]]()(images, labels)


KINDS = {"by hand": by_hand, "foolbox": by_foolbox, "torchattacks": by_torchattacks}


class Attack:
    """All of them on one network, which is compiled once."""

    def __init__(self, problem, mode):
        self.plain = Logits(problem.networks["target"]).eval()
        self.network = torch.compile(self.plain) if mode == "compile" else self.plain
        self.classes = problem.classes

    def __call__(self, kind, images, labels, settings):
        return KINDS[kind](self.network, images, labels, {"classes": self.classes, **settings})

    def is_right(self, images, labels):
        """Which images O reads right."""
        with torch.no_grad():
            return self.plain(fast(images)).argmax(1) == labels

    def robustness(self, kind, images, labels, settings, whole):
        """What O still reads right as a share of `whole` images, the greatest change of a pixel, the mean loss."""
        begun = time.perf_counter()
        adversarial = self(kind, images, labels, settings)
        seconds = time.perf_counter() - begun
        with torch.no_grad():
            logits = self.plain(fast(adversarial))
        return {
            "value": (logits.argmax(1) == labels).sum().item() / whole,
            "perturbation": (adversarial - images).abs().max().item(),
            "loss": functional.cross_entropy(logits, labels).item(),
            "seconds": seconds,
        }
