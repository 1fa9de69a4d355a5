"""What a single small operation costs."""

import time

import torch


def chain(value, other, count):
    for _ in range(count // 2):
        value = torch.tanh(value + other)
    return value


def time_operations(count, mode):
    """Seconds of a chain of `count` operations on one number."""
    value, other = torch.tensor([0.5]), torch.tensor([0.25])
    run = torch.compile(chain) if mode == "compile" else chain
    with torch.inference_mode():
        for _ in range(3):
            run(value, other, count)
        begun = time.perf_counter()
        run(value, other, count)
        return time.perf_counter() - begun
