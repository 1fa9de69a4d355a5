"""Accuracies of ONNX models in onnxruntime, on images in safetensors files.

python answers.py: reads from standard input {"images": {NAME: FILE}, "chains": {NAME: [MODEL, ...]}}, and prints
{CHAIN: {NAME: [class, ...]}}. A model takes the images that the one before it restores; the last one's logits have a
score for each class.
"""

import json
import sys

import numpy
import onnxruntime

BATCH = 100
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def read(path):
    """x_adv, [N, H, W, 3], float32 in [0, 1], in the order of the examples."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start = file.tell()

        def tensor(name):
            begin, end = header[name]["data_offsets"]
            file.seek(start + begin)
            values = numpy.frombuffer(file.read(end - begin), "<f4")
            return values.reshape(header[name]["shape"])

        images = tensor("x_adv")
        return images[numpy.argsort(tensor("indices"))] if "indices" in header else images


def run(session, images):
    """A network of PyTorch takes normalised images, channels first; one of Realign takes them as they are."""
    (entry,) = session.get_inputs()
    if entry.shape[1] == 3:
        images = (images - numpy.float32(MEAN)) / numpy.float32(DEVIATION)
        images = images.transpose(0, 3, 1, 2)
    names = [output.name for output in session.get_outputs()]
    wanted = "logits" if "logits" in names else "restored"
    inputs = {entry.name: numpy.ascontiguousarray(images, numpy.float32)}
    return session.run([wanted], inputs)[0]


def main():
    wanted = json.load(sys.stdin)
    images = {name: read(path) for name, path in wanted["images"].items()}
    found = {}
    for chain, paths in wanted["chains"].items():
        sessions = [onnxruntime.InferenceSession(path) for path in paths]
        found[chain] = {}
        for name, batch in images.items():
            classes = []
            for start in range(0, len(batch), BATCH):
                values = batch[start : start + BATCH]
                for session in sessions:
                    values = run(session, values)
                classes += values.argmax(1).tolist()
            found[chain][name] = classes
    print(json.dumps(found))


if __name__ == "__main__":
    main()
