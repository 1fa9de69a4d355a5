"""Runs exported models: ONNX in onnxruntime, after onnx's own check, SavedModels in TensorFlow, modules in PyTorch."""
import json
import os
import sys

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def tensor(value):
    return np.array(value["values"], np.float32).reshape(value["shape"])


def run_onnx(path):
    import onnx
    import onnxruntime

    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(zip(names, session.run(None, {"images": images})))


def run_saved_model(path):
    import tensorflow

    model = tensorflow.saved_model.load(path)
    function = model.signatures["serving_default"]
    return lambda images: {
        name: value.numpy() for name, value in function(images=tensorflow.constant(images)).items()
    }


def run_module(path):
    import importlib.util

    import torch

    torch.set_num_threads(1)
    spec = importlib.util.spec_from_file_location("realign_model", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.load()

    def run(images):
        with torch.no_grad():
            return {name: value.numpy() for name, value in model(torch.from_numpy(images)).items()}

    return run


OPENERS = {"onnx": run_onnx, "tensorflow": run_saved_model, "torch": run_module}

request = json.load(sys.stdin)
open_model = OPENERS[request["format"]]
answer = []
for case in request["cases"]:
    try:
        model = open_model(case["path"])
        results = [
            {name: {"shape": value.shape, "values": value.ravel().tolist()} for name, value in one.items()}
            for one in (model(tensor(images)) for images in case["images"])
        ]
        answer.append({"results": results})
    except Exception as error:  # told with the case's name by who asks
        answer.append({"error": f"{type(error).__name__}: {error}"[:800]})
json.dump(answer, sys.stdout)
