"""The peers' side of the benches: one JSON request a line from standard input, one answer a line."""

import json
import os
import platform
import sys
import time

import torch

# What checks of outputs have PyTorch compute serves here too.
sys.path.append(os.path.join(os.path.dirname(__file__), "../../../tests/peers"))

from attacks import Attack
from operations import time_operations
from problem import Problem, fast
from train_step import TargetStep, TrainStep


class Peer:
    def __init__(self):
        self.opened = False

    def open(self, problem, preset, classes, threads, mode):
        self._start(threads, mode)
        self.problem = Problem(problem, preset, classes)
        self.attack = Attack(self.problem, mode)
        return self.versions()

    def load(self, problem, network, threads, mode):
        """Opens a problem of a single network in the place of a training's."""
        from frozen_networks import FrozenNetwork

        self._start(threads, mode)
        self.frozen = FrozenNetwork(problem, network, mode)
        return self.versions()

    def _start(self, threads, mode):
        torch.manual_seed(0)
        if not self.opened:
            torch.set_num_threads(threads)
            torch.set_num_interop_threads(threads)
            self.opened = True
        # TensorFlow takes denormal numbers for zero too; without this, PyTorch alone would slow down on them.
        torch.set_flush_denormal(True)
        self.mode, self.works, self.steps = mode, {}, {}

    def versions(self):
        from importlib.metadata import version

        packages = ("torch", "torchvision", "foolbox", "torchattacks")
        return {
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
            "threads": torch.get_num_threads(),
        }

    def prepare(self, name, work, **settings):
        """Makes what `run` times, and runs it twice: kernels are compiled and memory is taken then."""
        own = self.works[name] = getattr(self, f"_{work}")(**settings)
        begun = time.perf_counter()
        own()
        first = time.perf_counter() - begun
        own()
        return {"firstSeconds": first}

    def run(self, name, count):
        """Seconds of each of some runs."""
        seconds = []
        for _ in range(count):
            begun = time.perf_counter()
            self.works[name]()
            seconds.append(time.perf_counter() - begun)
        return seconds

    def terms(self, steps, once=False, precision="float32"):
        step = self._step(once, precision)
        return [step() for _ in range(steps)]

    def robustness(self, kind, attack, given):
        images, labels = self._pool(given)
        return self.attack.robustness(kind, images, labels, attack, len(self.problem.pool))

    def _pool(self, given):
        """All of the pool, or only what O reads right."""
        pool, labels = self.problem.pool, self.problem.pool_labels
        if given == "all":
            return pool, labels
        right = self.attack.is_right(pool, labels)
        return pool[right], labels[right]

    def answer(self, path, which=None):
        self.frozen.answer(path, which)

    def operations(self, count):
        return time_operations(count, self.mode)

    def memory(self):
        """The most memory that this process has held, in MiB; None where the system does not say."""
        if not os.path.exists("/proc/self/status"):
            return None
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def _step(self, once=False, precision="float32"):
        # One for all requests, since compiling takes long.
        kind = once, precision
        if kind not in self.steps:
            self.steps[kind] = TrainStep(self.problem, self.mode, once, precision)
        return self.steps[kind].on_batch

    def _target(self):
        return TargetStep(self.problem, self.mode).on_batch

    def _attack(self, kind, attack, given="all"):
        images, labels = self._pool(given)
        return lambda: self.attack(kind, images, labels, attack)

    def _perturb(self, attack):
        clean, labels = self.problem.clean, self.problem.labels
        return lambda: self.attack("by hand", clean, labels, attack)

    def _restore(self):
        generator = self.problem.networks["generator"]
        network = torch.compile(generator) if self.mode == "compile" else generator

        def restore():
            with torch.inference_mode():
                network(self.problem.clean)

        return restore

    def _gradient(self):
        return self.frozen.gradient

    def _boxes(self, which):
        return lambda: self.frozen.boxes(which)

    def _algorithm(self, epochs):
        """Algorithm 1 as printed: an attack in every step, for some epochs over the pool."""
        problem = self.problem
        step = TrainStep(problem, self.mode, False)
        size = problem.preset["train"]["batchSize"]
        warming = iter((True, True))

        def work():
            warm = next(warming, False)
            for _ in range(1 if warm else epochs):
                order = torch.randperm(len(problem.pool))
                for begin in range(0, size if warm else len(order) // size * size, size):
                    rows = order[begin:begin + size]
                    clean, labels = fast(problem.pool[rows]), problem.pool_labels[rows]
                    attacked = self.attack("by hand", clean, labels, problem.preset["attack"])
                    step(clean, attacked, labels)

        return work


def main():
    # What libraries print must not come between answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    peer = Peer()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": getattr(peer, request.pop("do"))(**request)}
        except Exception as error:  # whatever it is, the other side has to be told
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


main()
