"""Writes the graph and the inputs and outputs that prove it on another machine.

In:  trained weights. Out: model.onnx (one file, opset 17) and golden.json.
Errors: ExportError when onnxruntime does not give what PyTorch gives, or the file is too large.
"""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from .dataset import BANDS, FloatArray
from .network import EmotionNet, example_input
from .windows import FLOOR, WINDOW_FRAMES

OPSET = 17
LARGEST_BYTES = 300_000
TOLERANCE = 1e-3
"""Of golden.json: other instruction sets add up in another order; a wrong front-end or axis is off by far more."""


class ExportError(Exception):
    """The exported graph is not what was trained."""


def export(model: EmotionNet, path: Path) -> None:
    """Writes the graph: input `logmel` [batch, 300, 64], output `logits` [batch, classes]."""
    model.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    model.eval()
    with warnings.catch_warnings():
        # The exporter that traces gives a smaller and flatter graph; its deprecation is known.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example_input(2),),
            str(path),
            input_names=["logmel"],
            output_names=["logits"],
            dynamic_axes={"logmel": {0: "batch"}, "logits": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    graph = onnx.load(str(path))
    graph.doc_string = ""
    for node in graph.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, str(path))
    if path.stat().st_size > LARGEST_BYTES:
        raise ExportError(f"Expected at most {LARGEST_BYTES} bytes for {path.name} but wrote {path.stat().st_size}")
    _compare(model, session(path))


def session(path: Path) -> onnxruntime.InferenceSession:
    """One thread, as the product runs it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(runtime: onnxruntime.InferenceSession, windows: FloatArray) -> FloatArray:
    """[batch, classes] logits of windows [batch, frames, bands]."""
    logits: FloatArray = runtime.run(["logits"], {"logmel": windows})[0]
    return logits


def _compare(model: EmotionNet, runtime: onnxruntime.InferenceSession) -> None:
    generator = np.random.default_rng(0)
    windows = (generator.standard_normal((3, WINDOW_FRAMES, BANDS)) * 2.0 - 8.0).astype(np.float32)
    windows[1, 170:] = FLOOR
    windows[2] = FLOOR
    with torch.inference_mode():
        expected = model(torch.from_numpy(windows)).numpy()
    worst = float(np.abs(run(runtime, windows) - expected).max())
    if not worst < 1e-4:
        raise ExportError(f"Expected the logits of PyTorch within 1e-4 but onnxruntime is off by {worst}")


def golden_inputs() -> list[tuple[str, dict[str, Any], FloatArray]]:
    """Cases that another language can build again: sines and constants over the flattened window."""
    shape = [WINDOW_FRAMES, BANDS]
    index = np.arange(WINDOW_FRAMES * BANDS, dtype=np.float64)
    cases: list[tuple[str, dict[str, Any], FloatArray]] = []
    for name, step, amplitude, offset in (
        ("slow-sine", 0.1, 3.0, -6.0),
        ("bands-and-frames", 2.0 * math.pi / 63.0, 4.0, -8.0),
        ("loud", 0.37, 2.0, 2.0),
    ):
        step = round(step, 6)
        recipe = {"shape": shape, "formula": "sine", "step": step, "amplitude": amplitude, "offset": offset}
        values = (offset + amplitude * np.sin(step * index)).astype(np.float32)
        cases.append((name, recipe, values.reshape(1, *shape)))
    silence = {"shape": shape, "formula": "constant", "value": FLOOR}
    cases.append(("silence", silence, np.full((1, *shape), FLOOR, dtype=np.float32)))
    return cases


def write_golden(runtime: onnxruntime.InferenceSession, path: Path) -> None:
    """golden.json as packages/inference/src/golden.ts reads it."""
    cases = [
        {"name": name, "input": recipe, "output": [round(float(v), 5) for v in run(runtime, values)[0]]}
        for name, recipe, values in golden_inputs()
    ]
    path.write_text(json.dumps({"tolerance": TOLERANCE, "cases": cases}, indent=1) + "\n", encoding="utf-8")
