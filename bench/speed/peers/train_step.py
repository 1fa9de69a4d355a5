"""One training step of the paper, Eq. 1 to 10, as PyTorch's users write it."""

import copy

import torch
from torch.nn import functional

from problem import fast

RATE = 2e-4


def distance(first, second):
    return (first - second).abs().mean()


def per_row(first, second):
    return (first - second).abs().mean(1)


def pixel_terms(problem, maps, clean, adversarial, restored):
    """L_r, L_p, L_GANg and L_m."""
    losses, perceptual = problem.preset["losses"], problem.networks["perceptual"]
    count = clean.shape[0]
    apart = distance if losses["pixelDistance"] == "absolute" else functional.mse_loss

    def target(of_restored, of_clean, of_adversarial):
        kind = losses["pixelTarget"]
        if kind == "intermediate":
            return of_restored.detach() if losses["stopGradient"] else of_restored
        return of_clean if kind == "clean" else of_adversarial

    with torch.no_grad():
        both = losses["pixelTarget"] == "adversarial"
        known = perceptual(torch.cat([clean, adversarial]) if both else clean)
    features = perceptual(restored)
    first, second = restored[:count], restored[count:]
    layers = len(maps[0]) - 1
    factor = 4 / (layers * len(maps))
    return {
        "reconstruction": apart(first, clean)
        + apart(second, target(first, clean, adversarial)),
        "perceptual": sum(
            apart(of[:count], on[:count])
            + apart(of[count:], target(of[:count], on[:count], on[count:]))
            for of, on in zip(features, known)
        ),
        "adversarial": sum(((scale[-1][count:] - 1) ** 2).mean() for scale in maps),
        "featureMatching": sum(
            factor * distance(of[count:], of[:count].detach()) for scale in maps for of in scale[:-1]
        ),
    }


def feature_terms(problem, clean, restored, labels, known):
    """L_Feat, L_Frec, L_Falign, L_Finter and L_Fintra."""
    losses, target = problem.preset["losses"], problem.networks["target"]
    count = clean.shape[0]
    if known is None:
        with torch.no_grad():
            known = target(clean)[1]
    logits, vectors = target(restored)
    first, second = vectors[:count], vectors[count:]
    member = functional.one_hot(labels, problem.classes).float()
    counts = member.sum(0)
    present = counts.clamp(max=1)
    average = (member / counts.clamp(min=1)).t()
    of_clean, centres = average @ known, average @ second
    gaps = losses["margin"] - (centres[:, None] - centres[None]).abs().mean(2)
    if losses["interClass"] == "hinge":
        gaps = functional.relu(gaps)
    pairs = present[:, None] * present[None] * (1 - torch.eye(problem.classes))
    shares = (member / counts.clamp(min=1)).sum(1)

    def reduce(total, weights):
        if losses["classReduction"] == "sum":
            return total
        return total / weights.sum().clamp(min=1)

    return {
        "task": functional.cross_entropy(logits[:count], labels)
        + functional.cross_entropy(logits[count:], labels),
        "featureReconstruction": distance(first, known) + distance(second, known),
        "classAlign": reduce((per_row(centres, of_clean) * present).sum(), present),
        "classInter": reduce((gaps * pairs).sum(), pairs),
        "classIntra": reduce((per_row(second, member @ centres) * shares).sum(), present),
    }


def discriminator_loss(maps, count):
    """L_GANd: x̂^c for real, x̂^a for fake."""
    return sum(
        ((scale[-1][:count] - 1) ** 2).mean() + (scale[-1][count:] ** 2).mean() for scale in maps
    )


def in_precision(precision, function):
    """The forward pass of a function under autocast; gradients are taken outside, as PyTorch advises."""

    def run(*values):
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            return function(*values)

    return function if precision == "float32" else run


class TrainStep:
    """G's and D's half-step. `once`: D runs once for both, and z^c is given."""

    def __init__(self, problem, mode, once, precision="float32"):
        self.problem, self.once = problem, once
        self.generator = problem.networks["generator"]
        self.discriminator = problem.networks["discriminator"]
        settings = problem.preset["train"]
        self.optimizers = [
            torch.optim.Adam(
                network.parameters(), RATE, (own["beta1"], own["beta2"]), 1e-8, fused=True
            )
            for network, own in (
                (self.generator, settings["optimizer"]),
                (self.discriminator, settings["discriminatorOptimizer"]),
            )
        ]
        self.weights = problem.preset["losses"]["weights"]
        compiled = mode == "compile"
        generator_loss = in_precision(precision, self._generator_loss)
        judge = in_precision(precision, self._judge)
        self.generator_loss = torch.compile(generator_loss) if compiled else generator_loss
        self.judge = torch.compile(judge) if compiled else judge
        self.known = None
        if once:
            with torch.no_grad():
                self.known = problem.networks["target"](problem.clean)[1]

    def _generator_loss(self, clean, adversarial, labels, known):
        restored = self.generator(torch.cat([clean, adversarial]))
        maps = self.discriminator(restored)
        terms = {
            **pixel_terms(self.problem, maps, clean, adversarial, restored),
            **feature_terms(self.problem, clean, restored, labels, known),
        }
        total = sum(self.weights[name] * term for name, term in terms.items())
        return total, terms, restored, maps

    def _judge(self, restored):
        return discriminator_loss(self.discriminator(restored), restored.shape[0] // 2)

    def __call__(self, clean, adversarial, labels):
        """Returns every term as a number."""
        known = self.known if self.once else None
        if self.once:
            total, terms, restored, maps = self.generator_loss(clean, adversarial, labels, known)
            judged = discriminator_loss(maps, clean.shape[0])
            self._move(0, torch.autograd.grad(total, list(self.generator.parameters()), retain_graph=True))
            self._move(1, torch.autograd.grad(judged, list(self.discriminator.parameters())))
            for optimizer in self.optimizers:
                optimizer.step()
        else:
            # D's weights take no gradient of G's loss; both gradients are at the same weights.
            self.discriminator.requires_grad_(False)
            total, terms, restored, _ = self.generator_loss(clean, adversarial, labels, known)
            self.optimizers[0].zero_grad()
            total.backward()
            self.discriminator.requires_grad_(True)
            judged = self.judge(restored.detach())
            self.optimizers[1].zero_grad()
            judged.backward()
            for optimizer in self.optimizers:
                optimizer.step()
        named = {**terms, "discriminator": judged, "total": total}
        numbers = torch.stack([value.detach().float() for value in named.values()]).tolist()
        return dict(zip(named, numbers))

    def _move(self, index, gradients):
        network = (self.generator, self.discriminator)[index]
        for parameter, gradient in zip(network.parameters(), gradients):
            parameter.grad = gradient

    def on_batch(self):
        problem = self.problem
        return self(problem.clean, problem.adversarial, problem.labels)


class TargetStep:
    """A step of training O: cross-entropy, SGD with Nesterov's momentum."""

    def __init__(self, problem, mode):
        self.problem = problem
        # A network of its own: all else needs O frozen.
        self.network = copy.deepcopy(problem.networks["target"]).train().requires_grad_(True)
        own = problem.preset["target"]["train"]["optimizer"]
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), 0.01, own["momentum"], 0, own["weightDecay"],
            own["nesterov"], fused=True,
        )
        self.loss = torch.compile(self._loss) if mode == "compile" else self._loss
        count = problem.preset["target"]["train"]["batchSize"]
        rows = torch.arange(count) % len(problem.pool)
        self.images, self.labels = fast(problem.pool[rows]), problem.pool_labels[rows]

    def _loss(self, images, labels):
        return functional.cross_entropy(self.network(images)[0], labels)

    def on_batch(self):
        loss = self.loss(self.images, self.labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"task": loss.item()}
