"""Stop band and pass band of a resampler, by sines: what its speed is worth.

One file holds a second of each sine; each is judged in its middle 0.8 s, far from the edges between them.
"""

import pathlib

import numpy as np

AMPLITUDE = 0.5
# Shares of the lower Nyquist frequency.
STOP = (1.0, 1.0025, 1.005, 1.01, 1.02, 1.05, 1.1, 1.2, 1.3, 1.5, 1.7, 2.0, 2.3, 2.6, 2.9)
PASS = (0.01, 0.11, 0.31, 0.52, 0.73, 0.8, 0.85, 0.88, 0.9)


def tones(from_hz: int, to_hz: int) -> tuple[list[float], list[float]]:
    """The pass and the stop sines, in Hz."""
    lower = min(from_hz, to_hz) / 2
    return [share * lower for share in PASS], [share * lower for share in STOP if share * lower < 0.999 * from_hz / 2]


def sine(hz: float, rate: int, second: int) -> np.ndarray:
    time = np.arange(second * rate, (second + 1) * rate) / rate
    return AMPLITUDE * np.sin(2 * np.pi * hz * time + 0.3)


def write_tones(path: pathlib.Path, from_hz: int, to_hz: int) -> None:
    passed, stopped = tones(from_hz, to_hz)
    np.concatenate([sine(hz, from_hz, i) for i, hz in enumerate(passed + stopped)]).astype(np.float32).tofile(path)


def decibels(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples)) / (AMPLITUDE**2 / 2) + 1e-20))


def judge(out: np.ndarray, from_hz: int, to_hz: int) -> dict:
    """passErrorDb: of the difference from the same sine at the new rate; stopDb: of what is left; both the worst."""
    passed, stopped = tones(from_hz, to_hz)
    middle = slice(to_hz // 10, to_hz - to_hz // 10)

    def second(i: int) -> np.ndarray:
        return out[i * to_hz : (i + 1) * to_hz].astype(np.float64)

    errors = [decibels((second(i) - sine(hz, to_hz, i))[middle]) for i, hz in enumerate(passed)]
    left = [decibels(second(len(passed) + i)[middle]) for i in range(len(stopped))]
    return {'passErrorDb': round(max(errors), 1), 'stopDb': round(max(left), 1)}
