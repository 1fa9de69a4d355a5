"""PyTorch's side of `bench models`: one JSON request a line from standard input, one answer a line."""

import json
import os
import platform
import sys
import time
import traceback
import warnings
from importlib.metadata import PackageNotFoundError, version

import torch
from torch import nn

# What checks of exports have PyTorch make serves here too.
sys.path.append(os.path.join(os.path.dirname(__file__), "../../../tests/peers"))

import tensor_file
from onnx_exports import Heads, Outputs, lively


def of_torchvision(name, **options):
    from torchvision import models

    return lambda: models.get_model(name, weights=None, **options)


def of_timm(name):
    def create():
        import timm

        return timm.create_model(name, pretrained=False)

    return create


def segmenter(name):
    def create():
        network = of_torchvision(name, weights_backbone=None)()
        network.aux_classifier = None
        return Outputs(network, lambda outputs: outputs["out"])

    return create


def heads(name):
    return lambda: Heads(of_torchvision(name, weights_backbone=None)())


NETWORKS = {
    "torchvision resnet18": of_torchvision("resnet18"),
    "torchvision resnet50": of_torchvision("resnet50"),
    "torchvision mobilenet_v3_large": of_torchvision("mobilenet_v3_large"),
    "torchvision efficientnet_b0": of_torchvision("efficientnet_b0"),
    "torchvision convnext_tiny": of_torchvision("convnext_tiny"),
    "torchvision swin_t": of_torchvision("swin_t"),
    "timm vit_tiny_patch16_224": of_timm("vit_tiny_patch16_224"),
    "timm convnext_tiny": of_timm("convnext_tiny"),
    "torchvision deeplabv3_resnet50": segmenter("deeplabv3_resnet50"),
    "torchvision fcn_resnet50": segmenter("fcn_resnet50"),
    "torchvision lraspp_mobilenet_v3_large": segmenter("lraspp_mobilenet_v3_large"),
    "torchvision ssd300_vgg16 heads": heads("ssd300_vgg16"),
    "torchvision retinanet_resnet50_fpn heads": heads("retinanet_resnet50_fpn"),
}

EXPORTERS = {"legacy": {"dynamo": False, "opset_version": 17}, "dynamo": {"dynamo": True}}


def outputs_of(network, images):
    outputs = network(images)
    return outputs if isinstance(outputs, tuple) else (outputs,)


def gradient_of(network, images, weights):
    """One pass forward and one back, to the images alone."""
    images = images.detach().requires_grad_()
    loss = sum((output * weight).sum() for output, weight in zip(outputs_of(network, images), weights))
    return torch.autograd.grad(loss, images)[0]


class Peer:
    def open(self, network, path, batch, size, threads):
        """Makes a network of seeded weights, and a file with images, outputs, and the gradient in float64."""
        torch.set_num_threads(threads)
        # TensorFlow takes denormal numbers for zero too; without this, PyTorch alone would slow down on them.
        torch.set_flush_denormal(True)
        torch.manual_seed(1)
        self.works = {}
        self.network = lively(NETWORKS[network]()).requires_grad_(False)
        for key, value in self.network.named_parameters():
            if key.endswith(".gamma"):  # timm's scales of layers, which begin near 0
                nn.init.ones_(value)
        self.images = torch.rand(batch, 3, size, size)
        with torch.no_grad():
            outputs = outputs_of(self.network, self.images)
        self.weights = [torch.randn_like(output) / output.numel() ** 0.5 for output in outputs]
        single = gradient_of(self.network, self.images, self.weights)
        double = gradient_of(
            self.network.double(), self.images.double(), [weight.double() for weight in self.weights]
        )
        self.network.float()
        tensors = {"images": self.images, "gradient": double.float()}
        for index, (output, weight) in enumerate(zip(outputs, self.weights)):
            tensors |= {f"output{index}": output, f"weights{index}": weight}
        tensor_file.write(tensors, path)
        self.path = path
        return {
            "outputs": len(outputs),
            "gradientError": ((single.double() - double).norm() / double.norm()).item(),
            "parameters": sum(weight.numel() for weight in self.network.parameters()),
            "versions": self.versions(),
        }

    def export(self, exporter, path):
        dynamo = EXPORTERS[exporter]["dynamo"]
        free = {"verbose": False} if dynamo else {"dynamic_axes": {"images": {0: "batch"}}}
        torch.onnx.export(
            self.network, (self.images,), path, input_names=["images"], **EXPORTERS[exporter], **free
        )
        return {}

    def runtime(self, path):
        """The greatest difference of onnxruntime's outputs from PyTorch's, as a share of the greatest number."""
        try:
            import onnxruntime
        except ImportError:
            return None
        session = onnxruntime.InferenceSession(path)
        found = session.run(None, {"images": self.images.numpy()})
        tensors = tensor_file.read(self.path)
        return max(
            ((torch.from_numpy(one) - expected).abs().max() / expected.abs().max()).item()
            for one, expected in ((one, tensors[f"output{index}"]) for index, one in enumerate(found))
        )

    def prepare(self, mode):
        """Runs twice: kernels are compiled and memory is taken then."""
        # As PyTorch's users have it on a processor.
        images = self.images.to(memory_format=torch.channels_last)
        network = self.network.to(memory_format=torch.channels_last)
        if mode == "compile":
            torch._dynamo.reset()
            network = torch.compile(network)
        self.works[mode] = lambda: gradient_of(network, images, self.weights)
        begun = time.perf_counter()
        self.works[mode]()
        first = time.perf_counter() - begun
        self.works[mode]()
        return first

    def run(self, name, count):
        """Seconds of each of some runs."""
        seconds = []
        for _ in range(count):
            begun = time.perf_counter()
            self.works[name]()
            seconds.append(time.perf_counter() - begun)
        return seconds

    def versions(self):
        found = {"python": platform.python_version()}
        for name in ("torch", "torchvision", "timm", "onnx", "onnxscript", "onnxruntime"):
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                pass
        return found


def main():
    warnings.filterwarnings("ignore")
    peer, answers = Peer(), sys.stdout
    sys.stdout = sys.stderr  # the exporters print
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": getattr(peer, request.pop("do"))(**request)}
        except Exception as error:
            if os.environ.get("REALIGN_DEBUG"):
                traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {str(error).strip()}".splitlines()[0][:300]}
        print(json.dumps(answer), file=answers, flush=True)


main()
