"""golden.json: inputs and outputs that prove the graph on another machine.

packages/inference/src/golden.ts reads it.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from .features import FloatArray
from .onnx_file import run

TOLERANCE = 1e-3
"""Other instruction sets add up in another order; a wrong front-end or axis is off by far more."""
FORMULA_FROM = 4000
"""Inputs with so many values are made by a formula that another language can follow; smaller ones are written out."""


def golden_inputs(
    shape: list[int], windows: FloatArray, pad_value: float, longer: list[int] | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """Cases around what training windows [windows, rows, columns] are like; `shape` is the input without the batch.

    `longer`: the input under several windows, of a graph that pools by window.
    """
    size = math.prod(shape)
    cases = []
    if size < FORMULA_FROM:
        # Columns of statistics differ by orders of magnitude: one sine for all would be nowhere near any of them.
        columns = windows.reshape(-1, windows.shape[2])
        mean, deviation = (f.astype(np.float64).repeat(size // len(f)) for f in (columns.mean(0), columns.std(0)))
        for name, step in (("mean", 0.0), ("slow-sine", 0.1), ("fast-sine", 0.37)):
            values = mean + deviation * np.sin(step * np.arange(size))
            cases.append((name, {"shape": shape, "values": [float(f"{v:.6g}") for v in values]}))
    else:
        signal = windows[(windows != np.float32(pad_value)).any(axis=2)]
        mean, deviation = round(float(signal.mean()), 2), round(float(signal.std()), 2)
        for name, step, amplitude, offset in (
            ("slow-sine", 0.1, deviation, mean),
            ("columns-and-frames", round(2.0 * math.pi / (shape[-1] - 1 or 63), 6), 2.0 * deviation, mean),
            ("loud", 0.37, deviation, mean + 2.0 * deviation),
        ):
            formula = {"formula": "sine", "step": step, "amplitude": amplitude, "offset": offset}
            cases.append((name, {"shape": shape, **formula}))
        if longer is not None:
            formula = {"formula": "sine", "step": 0.1, "amplitude": deviation, "offset": mean}
            cases.append(("several-windows", {"shape": longer, **formula}))
    cases.append(("padding", {"shape": shape, "formula": "constant", "value": pad_value}))
    return cases


def values_of(case: dict[str, Any]) -> FloatArray:
    """[1, *shape] of a case."""
    size = math.prod(case["shape"])
    if "values" in case:
        values = np.asarray(case["values"])
    elif case["formula"] == "sine":
        values = case["offset"] + case["amplitude"] * np.sin(case["step"] * np.arange(size, dtype=np.float64))
    else:
        values = np.full(size, case["value"])
    return np.asarray(values.astype(np.float32).reshape(1, *case["shape"]))


def write_golden(
    runtime: onnxruntime.InferenceSession,
    path: Path,
    shape: list[int],
    windows: FloatArray,
    pad_value: float,
    longer: list[int] | None = None,
) -> None:
    cases = [
        {"name": name, "input": case, "output": [round(float(v), 5) for v in run(runtime, values_of(case)).ravel()]}
        for name, case in golden_inputs(shape, windows, pad_value, longer)
    ]
    path.write_text(json.dumps({"tolerance": TOLERANCE, "cases": cases}) + "\n", encoding="utf-8")
