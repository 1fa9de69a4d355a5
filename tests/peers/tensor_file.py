"""The safetensors format: the header's length, the header, all numbers."""

import json
import struct

import torch

KINDS = {"F32": torch.float32, "I64": torch.int64}


def read(path):
    """Returns all tensors of a file by name."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        content = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        numbers = torch.frombuffer(content[begin:end], dtype=KINDS[entry["dtype"]])
        tensors[name] = numbers.reshape(entry["shape"])
    return tensors


def write(tensors, path):
    """Writes tensors by name."""
    names = {kind: name for name, kind in KINDS.items()}
    header, parts, at = {}, [], 0
    for name, tensor in tensors.items():
        data = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {
            "dtype": names[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [at, at + len(data)],
        }
        parts.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
