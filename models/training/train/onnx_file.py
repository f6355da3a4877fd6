"""Writes, checks and runs ONNX graphs.

Errors: TrainError when onnxruntime does not give what was trained, or the file is too large.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from .errors import TrainError
from .features import FloatArray, Floats
from .graph_input import GraphInput

CLOSE = 1e-3
"""Largest difference between what was trained and what onnxruntime gives, of each output or absolute below 1."""


def export_torch(
    network: nn.Module, example: Tensor, path: Path, graph_input: GraphInput, output_name: str, opset: int
) -> None:
    """One file; the batch is free, and where frames are so are the windows of the output."""
    free_output = {0: "batch", 1: "windows"} if graph_input.family == "stretch" else {0: "batch"}
    network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    with warnings.catch_warnings():
        # The exporter that traces gives a smaller and flatter graph; its deprecation is known.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,),
            str(path),
            input_names=[graph_input.name],
            output_names=[output_name],
            dynamic_axes={graph_input.name: graph_input.open_axes, output_name: free_output},
            opset_version=opset,
            dynamo=False,
        )
    graph = onnx.load(str(path))
    save(graph, path)


def save(graph: onnx.ModelProto, path: Path) -> None:
    """Without the exporter's notes, which hold paths of this machine."""
    graph.doc_string = ""
    for node in graph.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, str(path))


def session(path: Path) -> onnxruntime.InferenceSession:
    """One thread, as the product runs it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(runtime: onnxruntime.InferenceSession, inputs: FloatArray) -> FloatArray:
    """[windows, classes] of inputs in the graph's axes."""
    outputs: FloatArray = runtime.run([runtime.get_outputs()[0].name], {runtime.get_inputs()[0].name: inputs})[0]
    return outputs.reshape(-1, outputs.shape[-1])


def check(path: Path, inputs: Tensor, expected: Floats, largest_bytes: int) -> None:
    """That the file is small enough and gives what was trained."""
    size = path.stat().st_size
    if size > largest_bytes:
        raise TrainError(f"Expected at most {largest_bytes} bytes for {path} but wrote {size}")
    difference = np.abs(run(session(path), inputs.numpy()) - expected) / np.maximum(1.0, np.abs(expected))
    worst = float(difference.max())
    if not worst < CLOSE:
        raise TrainError(f"Expected the outputs of the trained model from {path} but they are off by {worst}")
