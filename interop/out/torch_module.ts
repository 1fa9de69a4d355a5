/**
 * The text of a module of PyTorch.
 *
 * @module
 */
import type { Constant } from "../graph/constant.ts";
import type { Metadata } from "./format.ts";
import { pythonText, pythonTuple, pythonValue } from "./python_text.ts";
import type { TorchBuilder } from "./torch_builder.ts";
import { TORCH_HELPERS, type TorchHelper } from "./torch_helpers.ts";

/**
 * Writes the module.
 *
 * @param builder Its lines and weights
 * @param weights The name of the file of weights
 * @param metadata What it says of itself
 */
export function moduleText(builder: TorchBuilder, weights: string, metadata: Metadata): string {
  const { graph, inputs } = builder;
  const outputs = graph.outputs.map(({ name, node }) => [pythonText(name), builder.output(node)]);
  const helpers = (Object.keys(TORCH_HELPERS) as TorchHelper[])
    .filter((name) => builder.helpers.has(name)).map((name) => `${TORCH_HELPERS[name].trim()}\n`);
  const shapes = graph.inputs.map(({ shape }) =>
    pythonTuple(shape.map((side) => side < 0 ? "None" : side))
  );
  return [
    HEAD,
    `WEIGHTS = ${pythonText(weights)}`,
    "",
    "# Sizes of what goes in; None is free.",
    `SHAPES = ${pythonTuple(shapes)}`,
    "",
    "# Names of what comes out.",
    `OUTPUTS = ${pythonTuple(outputs.map(([name]) => name))}`,
    "",
    "# Where it is from, what was measured, what to beware of.",
    `METADATA = ${recordText(metadata)}`,
    "\n",
    LOADING.trim(),
    "\n",
    ...helpers.flatMap((helper) => [helper, ""]),
    "class RealignModel(nn.Module):",
    '    """The network. Its weights are frozen: requires_grad_() thaws them."""',
    "",
    "    def __init__(self, output=None):",
    "        super().__init__()",
    "        if output is not None and output not in OUTPUTS:",
    '            raise ValueError(f"Cannot give {output!r}: the outputs are {OUTPUTS}")',
    "        self.output = output",
    ...Array.from(builder.weights, ([name, weight]) => `        ${registered(name, weight)}`),
    "",
    `    def forward(self, ${inputs.join(", ")}):`,
    `        check_shapes(${inputs.join(", ")})`,
    ...bodyOf(builder, outputs.map(([, value]) => value)).map((line) => `        ${line}`),
    `        outputs = {${outputs.map((pair) => pair.join(": ")).join(", ")}}`,
    "        return outputs if self.output is None else outputs[self.output]",
    "",
  ].join("\n");
}

const HEAD = `"""A network as a module of PyTorch, written by Realign. It needs torch alone.

    from realign_model import load

    model = load()                # from images to a dict of all OUTPUTS
    model = load(OUTPUTS[-1])     # from images to one of them, as attacks want it

Images are RGB in [0, 1], of the sizes in SHAPES; resizing and normalisation are inside.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from torch import nn
`;

const LOADING = `
def load(output=None, path=None):
    """Opens the network.

    output: one of OUTPUTS, to get that tensor alone; a dict of all where it is left out.
    path: the file of weights; beside this file where it is left out.
    """
    model = RealignModel(output)
    path = pathlib.Path(__file__).with_name(WEIGHTS) if path is None else pathlib.Path(path)
    model.load_state_dict(read_safetensors(path.read_bytes()))
    return model.eval()


def read_safetensors(content):
    """The tensors of a safetensors file by name: the header's length, the header, all numbers."""
    kinds = {"F32": torch.float32, "I32": torch.int32, "U8": torch.uint8}
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        numbers = bytearray(content[start + begin : start + end])
        tensors[name] = torch.frombuffer(numbers, dtype=kinds[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def weight(*shape):
    """Room for a weight, as precise as PyTorch's default."""
    return nn.Parameter(torch.empty(shape), requires_grad=False)


def check_shapes(*tensors):
    """Fails where channels are at the wrong end, or a picture has another size."""
    for tensor, shape in zip(tensors, SHAPES):
        if len(shape) != tensor.dim() or any(b not in (None, a) for a, b in zip(tensor.shape, shape)):
            raise ValueError(f"Cannot take {tuple(tensor.shape)}: the sizes must be {shape}")
`;

/** A weight, or a table of integers or flags. */
function registered(name: string, { shape, dtype }: Constant): string {
  if (dtype === "float32") return `self.${name} = weight(${shape.join(", ")})`;
  const type = dtype === "bool" ? "torch.bool" : "torch.int32";
  return `self.register_buffer("${name}", torch.empty(${pythonTuple(shape)}, dtype=${type}))`;
}

/** A record with each field on its line. */
function recordText(metadata: Metadata): string {
  const fields = Object.entries(metadata).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `    ${pythonText(key)}: ${pythonValue(value)},\n`);
  return fields.length === 0 ? "{}" : `{\n${fields.join("")}}`;
}

/** The lines; each lets go of what none behind it reads. */
function bodyOf({ lines }: TorchBuilder, kept: readonly string[]): string[] {
  const needed = new Set(kept);
  const free: string[][] = lines.map(() => []);
  for (let at = lines.length - 1; at >= 0; at--) {
    const { reads, makes } = lines[at];
    for (const name of [...reads, ...makes]) {
      if (needed.has(name)) continue;
      needed.add(name);
      free[at].push(name);
    }
  }
  return lines.map(({ text }, at) =>
    free[at].length === 0 ? text : `${text}; del ${free[at].join(", ")}`
  );
}
