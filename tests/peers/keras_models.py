"""Writes a network of Keras as TensorFlow.js models, of layers and as a frozen graph, and what it computes."""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

TYPES = {np.dtype("float32"): "float32", np.dtype("int32"): "int32", np.dtype("bool"): "bool"}


def write(folder, rest, weights):
    os.makedirs(folder, exist_ok=True)
    specs = [{"name": n, "shape": list(w.shape), "dtype": TYPES[w.dtype]} for n, w in weights.items()]
    with open(f"{folder}/weights.bin", "wb") as file:
        for weight in weights.values():
            file.write(np.ascontiguousarray(weight).tobytes())
    with open(f"{folder}/model.json", "w") as file:
        json.dump({**rest, "weightsManifest": [{"paths": ["weights.bin"], "weights": specs}]}, file)


def write_graph(folder, model, size):
    function = tf.function(lambda images: model(images, training=False))
    images = tf.TensorSpec([None, *size, 3], tf.float32, name="images")
    constant = convert_variables_to_constants_v2(function.get_concrete_function(images))
    graph = constant.graph.as_graph_def()
    weights = {}
    for node in graph.node:
        if node.op == "Const":
            weights[node.name] = tf.make_ndarray(node.attr["value"].tensor)
            node.attr["value"].Clear()
    place = lambda tensor, sizes: {
        "name": tensor.name,
        "dtype": "DT_FLOAT",
        "tensorShape": {"dim": [{"size": str(s)} for s in sizes]},
    }
    signature = {
        "inputs": {"images": place(constant.inputs[0], [-1, *size, 3])},
        "outputs": {"classes": place(constant.outputs[0], [-1, model.output_shape[-1]])},
    }
    topology = MessageToDict(graph)
    write(folder, {"format": "graph-model", "modelTopology": topology, "signature": signature}, weights)


def main():
    request = json.load(sys.stdin)
    folder, size = request["folder"], request["size"]
    keras.utils.set_random_seed(1)
    model = keras.applications.MobileNetV2((*size, 3), alpha=0.35, weights=None, classes=7)
    for weight in model.weights:
        if "moving" in weight.path or "gamma" in weight.path or "beta" in weight.path:
            noise = np.random.uniform(0.5, 1.5, weight.shape)
            weight.assign(noise if "mean" not in weight.path and "beta" not in weight.path else noise - 1)
    topology = json.loads(model.to_json())
    weights = {w.path: w.numpy() for w in model.weights}
    write(f"{folder}/layers", {"format": "layers-model", "modelTopology": topology}, weights)
    write_graph(f"{folder}/graph", model, size)
    images = tf.constant(request["images"], shape=[2, *size, 3], dtype=tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(images)
        probabilities = model(images, training=False)
        total = tf.reduce_sum(tf.math.log(probabilities[:, 3]))
    gradient = tape.gradient(total, images)
    flat = lambda tensor: tensor.numpy().reshape(-1).tolist()
    json.dump({"probabilities": flat(probabilities), "gradient": flat(gradient)}, sys.stdout)


main()
