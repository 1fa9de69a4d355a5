"""Loads a written module of PyTorch: what it says, its input gradient in both precisions, what torch.compile makes of it."""

import importlib.util
import json
import sys

import torch

torch.set_num_threads(1)
request = json.load(sys.stdin)
spec = importlib.util.spec_from_file_location("realign_model", request["path"])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)


def tensor(value):
    return torch.tensor(value["values"]).reshape(value["shape"])


def gradient(model, images, weights):
    images = images.clone().requires_grad_()
    (model(images) * weights).sum().backward()
    return images.grad


def refusal(act):
    try:
        act()
        return None
    except ValueError as error:
        return str(error)


images, weights = tensor(request["images"]), tensor(request["weights"])
model = module.load(request["output"])
single = gradient(model, images, weights)
# A graph without a break, as torch.compile needs it; what is made of it then is PyTorch's own affair.
compiled = gradient(torch.compile(model, backend="eager", fullgraph=True), images, weights)
answer = {
    "metadata": module.METADATA,
    "outputs": module.OUTPUTS,
    "trained": [name for name, one in model.named_parameters() if one.requires_grad],
    "modes": model.training,
    "single": single.flatten().tolist(),
    "compiled": (compiled - single).abs().max().item(),
    "refused": [
        refusal(lambda: model(images.permute(0, 2, 3, 1))),
        refusal(lambda: module.load("another")),
    ],
    # A tensor without numbers, on a device without memory: whatever is made on another one fails.
    "meta": list(model.to("meta")(images.to("meta")).shape),
    "double": gradient(module.load(request["output"]).double(), images.double(), weights.double())
    .flatten()
    .tolist(),
}
json.dump(answer, sys.stdout)
