"""Segmenters and detectors with frozen weights: L_o and its gradient in the images."""

import segmentation_networks
import tensor_file
import torch
import torchvision_ssd
from torch.nn import functional
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import box_iou

from problem import fast, load, prefixed


class Segmenter:
    """Cross-entropy over the pixels that count."""

    def __init__(self, tensors, settings, compiled):
        self.network = segmentation_networks.build(settings["architecture"], settings["classes"])
        if hasattr(self.network, "aux_classifier"):
            self.network.aux_classifier = None  # for training alone, and yet run at all times
        load(self.network, prefixed(tensors, "target."))
        self.network.eval().requires_grad_(False)
        self.labels = tensors["data.labels"].long()
        self.measure = torch.compile(self._measure) if compiled else self._measure

    def _measure(self, images):
        normalized = (images - segmentation_networks.MEAN) / segmentation_networks.DEVIATION
        logits = self.network(normalized)["out"]
        return functional.cross_entropy(logits, self.labels, ignore_index=-1), logits

    def __call__(self, images):
        """The loss, and the outputs with their axes in our order."""
        loss, logits = self.measure(images)
        return loss, {"logits": logits.permute(0, 2, 3, 1)}


class Detector:
    """The MultiBox loss, by torchvision's own parts; the network alone is compiled."""

    def __init__(self, tensors, settings, compiled):
        if settings["architecture"] != "ssd300-vgg16":
            raise ValueError(f"only torchvision's SSD300 is built: {settings['architecture']}")
        self.model = torchvision_ssd.build(settings["classes"])
        load(self.model, prefixed(tensors, "target."))
        self.model.eval().requires_grad_(False)
        transform = self.model.transform
        self.mean, self.deviation = (
            torch.tensor(values).view(1, 3, 1, 1)
            for values in (transform.image_mean, transform.image_std)
        )
        self.size = (settings["size"], settings["size"])
        self.targets = [
            {"boxes": boxes[classes >= 0] * settings["size"], "labels": classes[classes >= 0] + 1}
            for boxes, classes in zip(tensors["data.boxes"], tensors["data.classes"].long())
        ]
        blank = torch.zeros(len(self.targets), 3, *self.size)
        with torch.no_grad():
            maps = list(self.model.backbone(blank).values())
        self.anchors = self.model.anchor_generator(
            ImageList(blank, [self.size] * len(blank)), maps
        )
        self.run = torch.compile(self._run) if compiled else self._run

    def _run(self, images):
        maps = self.model.backbone((images - self.mean) / self.deviation)
        return self.model.head(list(maps.values()))

    def __call__(self, images):
        """The loss, and the outputs."""
        raw = self.run(images)
        matched = [
            self.model.proposal_matcher(box_iou(target["boxes"], anchors))
            for target, anchors in zip(self.targets, self.anchors)
        ]
        losses = self.model.compute_loss(self.targets, raw, self.anchors, matched)
        outputs = {"logits": raw["cls_logits"], "offsets": raw["bbox_regression"]}
        return sum(losses.values()), outputs

    def find(self, raw):
        """Boxes of a batch of outputs."""
        count = len(raw["logits"])
        outputs = {"cls_logits": raw["logits"], "bbox_regression": raw["offsets"]}
        return self.model.postprocess_detections(
            outputs, self.anchors[:1] * count, [self.size] * count
        )


KINDS = {"segmentation": Segmenter, "detection": Detector}


class FrozenNetwork:
    """A network in channels_last with the file's weights, and its images."""

    def __init__(self, path, settings, mode):
        tensors = tensor_file.read(path)
        self.measure = KINDS[settings["task"]](tensors, settings, mode == "compile")
        self.images = fast(tensors["data.images"].permute(0, 3, 1, 2)).requires_grad_(True)
        self.raw = {kind: prefixed(tensors, f"raw.{kind}.") for kind in ("few", "many")}

    def gradient(self):
        loss, outputs = self.measure(self.images)
        (gradient,) = torch.autograd.grad(loss, self.images)
        return {"loss": loss, "gradient": gradient.permute(0, 2, 3, 1), **outputs}

    def boxes(self, which):
        with torch.inference_mode():
            return self.measure.find(self.raw[which])

    def answer(self, path, which):
        """Writes what is compared: of the gradient all, of boxes the scores."""
        if which is None:
            return tensor_file.write(self.gradient(), path)
        found = self.boxes(which)
        return tensor_file.write({f"scores of {k}": one["scores"] for k, one in enumerate(found)}, path)
