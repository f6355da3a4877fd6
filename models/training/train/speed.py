"""How fast the exported graph runs: one thread, the batch that serving uses."""

from __future__ import annotations

import platform
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from .dataset import BANDS
from .export import run
from .windows import HOP_S, WINDOW_FRAMES

BATCH = 16
ROUNDS = 60


def measure_speed(runtime: onnxruntime.InferenceSession) -> dict[str, Any]:
    """Median and spread of seconds of audio a second, windows every HOP_S; the graph alone, without the front-end."""
    windows = (np.random.default_rng(0).standard_normal((BATCH, WINDOW_FRAMES, BANDS)) * 2.0 - 8.0).astype(np.float32)
    for _ in range(5):
        run(runtime, windows)
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run(runtime, windows)
        rates.append(BATCH * HOP_S / (time.perf_counter() - started))
    low, median, high = (round(q) for q in statistics.quantiles(rates, n=20)[::9][:3])
    return {
        "timesRealTime": median,
        "p5": low,
        "p95": high,
        "what": f"graph only, onnxruntime {onnxruntime.__version__}, 1 thread, batch {BATCH}, a window every {HOP_S} s",
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
