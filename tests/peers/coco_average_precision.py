"""COCO's average precision by pycocotools: reads pictures from stdin as JSON, writes figures to stdout."""

import contextlib
import json
import sys

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

# Pixels of a side: boxes come in shares of it.
SIDE = 1000.0


def boxes_of(entries, image, start):
    for offset, entry in enumerate(entries):
        x1, y1, x2, y2 = (SIDE * edge for edge in entry["box"])
        yield {
            "id": start + offset,
            "image_id": image,
            "category_id": entry["class"] + 1,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "area": (x2 - x1) * (y2 - y1),
            "iscrowd": int(entry.get("crowd", False)),
            "score": entry.get("score", 0),
        }


def main():
    request = json.load(sys.stdin)
    truth, found = [], []
    for image, picture in enumerate(request["pictures"], 1):
        truth += boxes_of(picture["truth"], image, len(truth) + 1)
        found += boxes_of(picture["detections"], image, len(found) + 1)
    categories = [{"id": index + 1, "name": str(index)} for index in range(request["classes"])]
    with contextlib.redirect_stdout(sys.stderr):
        reference = COCO()
        reference.dataset = {
            "images": [{"id": image + 1} for image in range(len(request["pictures"]))],
            "annotations": truth,
            "categories": categories,
        }
        reference.createIndex()
        results = COCO()
        results.dataset = {**reference.dataset, "annotations": found}
        results.createIndex()
        evaluation = COCOeval(reference, results, "bbox")
        evaluation.params.maxDets = [request["mostDetections"]]
        evaluation.evaluate()
        evaluation.accumulate()
    # Thresholds, recalls, classes, areas, counts of detections.
    precision = evaluation.eval["precision"][:, :, :, 0, 0]
    per_class = [
        None if (precision[:, :, k] < 0).all() else float(precision[:, :, k].mean())
        for k in range(request["classes"])
    ]
    known = precision[precision > -1]
    half = precision[0][precision[0] > -1]
    json.dump(
        {"value": float(known.mean()), "half": float(half.mean()), "perClass": per_class},
        sys.stdout,
    )


if __name__ == "__main__":
    main()
