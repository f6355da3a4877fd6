"""How fast the exported graph runs: one thread, the batch that serving uses."""

from __future__ import annotations

import platform
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from .features import FloatArray
from .onnx_file import run

BATCH = 16
ROUNDS = 60
LONGEST_S = 20.0


def measure_speed(runtime: onnxruntime.InferenceSession, inputs: FloatArray, hop_s: float) -> dict[str, Any]:
    """Median and spread of seconds of audio a second, a window every `hop_s`: the graph alone, without features."""
    batch = np.resize(inputs, (BATCH, *inputs.shape[1:]))
    for _ in range(3):
        run(runtime, batch)
    rates: list[float] = []
    begun = time.perf_counter()
    while len(rates) < ROUNDS and (len(rates) < 5 or time.perf_counter() - begun < LONGEST_S):
        started = time.perf_counter()
        run(runtime, batch)
        rates.append(BATCH * hop_s / (time.perf_counter() - started))
    low, median, high = (round(q) for q in statistics.quantiles(rates, n=20)[::9][:3])
    return {
        "timesRealTime": median,
        "p5": low,
        "p95": high,
        "what": f"graph only, onnxruntime {onnxruntime.__version__}, 1 thread, batch {BATCH}, a window every {hop_s} s",
        "machine": processor(),
    }


def processor() -> str:
    """The processor's name, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
