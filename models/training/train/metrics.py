"""Figures of an evaluation, from probabilities and truths. Everything is a share from 0 to 1, never a per cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BOOTSTRAPS = 2000
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.5)
CALIBRATION_BINS = 10
FEW_SPEAKERS = 6
"""With fewer, resampling speakers alone gives an interval that is far too narrow (two voices: three outcomes)."""


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval by the percentile bootstrap over speakers."""

    value: float
    low: float
    high: float


def confusion(truth: Ints, predicted: Ints, classes: int) -> Ints:
    """[classes, classes]: counts, rows are truths."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def recalls(counts: npt.NDArray[np.generic]) -> Floats:
    """Recall of each class on the last axis; NaN for a class without a truth. Takes [..., classes, classes]."""
    counts = counts.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.diagonal(counts, axis1=-2, axis2=-1) / counts.sum(axis=-1))


def precisions(counts: Ints) -> Floats:
    """Precision of each class; 0 for a class that was never predicted."""
    predicted = counts.sum(axis=0)
    return np.asarray(np.diagonal(counts) / np.maximum(predicted, 1), dtype=np.float64)


def uar(counts: Ints) -> float:
    """Unweighted average recall over the classes that have a truth."""
    return float(np.nanmean(recalls(counts)))


def accuracy(counts: Ints) -> float:
    return float(np.trace(counts) / counts.sum())


def macro_f1(counts: Ints) -> float:
    """Mean F1 over the classes that have a truth."""
    present = counts.sum(axis=1) > 0
    total = counts.sum(axis=0) + counts.sum(axis=1)
    f1 = 2.0 * np.diagonal(counts) / np.maximum(total, 1)
    return float(f1[present].mean())


def with_intervals(
    truth: Ints, predicted: Ints, speakers: Sequence[str], classes: int, seed: int
) -> tuple[Interval, Interval]:
    """UAR and accuracy, with intervals from resampling whole speakers: recordings of one voice are not independent.

    With fewer than FEW_SPEAKERS the items of each drawn speaker are resampled too.
    """
    names = sorted(set(speakers))
    of = np.asarray([names.index(s) for s in speakers])
    per_speaker = np.stack([confusion(truth[of == i], predicted[of == i], classes) for i in range(len(names))])
    generator = np.random.default_rng(seed)
    draws = generator.integers(len(names), size=(BOOTSTRAPS, len(names)))
    if len(names) < FEW_SPEAKERS:
        resampled = np.stack([_redraw(per_speaker[draw], generator) for draw in draws])
    else:
        resampled = per_speaker[draws].sum(axis=1)
    uars = np.nanmean(recalls(resampled), axis=1)
    accuracies = np.trace(resampled, axis1=1, axis2=2) / resampled.sum(axis=(1, 2))
    counts = per_speaker.sum(axis=0)
    return _interval(uar(counts), uars), _interval(accuracy(counts), accuracies)


def interval_method(speakers: int) -> str:
    """How with_intervals draws for that many speakers, in words."""
    drawn = "speakers, then their items" if speakers < FEW_SPEAKERS else "whole speakers"
    return f"percentiles of {BOOTSTRAPS} draws of {drawn}"


def _redraw(counts: Ints, generator: np.random.Generator) -> Ints:
    """Sum of confusions [speakers, classes, classes], each drawn again, truths kept as often as they are."""
    total = np.zeros(counts.shape[1:], dtype=np.int64)
    for speaker, truth in np.ndindex(counts.shape[:2]):
        cells = counts[speaker, truth]
        if cells.sum():
            total[truth] += generator.multinomial(cells.sum(), cells / cells.sum())
    return total


def _interval(value: float, draws: Floats) -> Interval:
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(value, float(low), float(high))


def calibration_error(probabilities: Floats, truth: Ints) -> float:
    """Expected calibration error of the top class, ten bins of equal width (Guo et al. 2017, eq. 3)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    error = 0.0
    for b in range(CALIBRATION_BINS):
        inside = bins == b
        if inside.any():
            error += inside.mean() * abs(float(right[inside].mean()) - float(confidence[inside].mean()))
    return float(error)


@dataclass(frozen=True)
class Coverage:
    """Figures of the most confident share of the items."""

    coverage: float
    n: int
    least_confidence: float
    accuracy: float
    uar: float


def risk_coverage(probabilities: Floats, truth: Ints) -> list[Coverage]:
    """Accuracy and UAR when only the most confident share is labelled and the rest abstains."""
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    rows = []
    for share in COVERAGES:
        kept = order[: max(1, round(share * len(order)))]
        counts = confusion(truth[kept], probabilities[kept].argmax(axis=1), probabilities.shape[1])
        rows.append(Coverage(share, len(kept), float(confidence[kept[-1]]), accuracy(counts), uar(counts)))
    return rows
