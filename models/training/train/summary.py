"""Turns scored splits into the figures that accuracy claims are copied from."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import metrics
from .dataset import CLASSES
from .evaluate import Scored
from .metrics import Floats, Interval, Ints

DIGITS = 4


def rounded(value: float) -> float:
    return round(float(value), DIGITS)


def _interval(interval: Interval) -> dict[str, Any]:
    return {"value": rounded(interval.value), "ci95": [rounded(interval.low), rounded(interval.high)]}


def _figures(
    before: Floats, after: Floats, truth: Ints, speakers: list[str], genders: list[str], seed: int
) -> dict[str, Any]:
    """All figures of one unit (recordings or windows): probabilities at temperature 1 and calibrated."""
    predicted = after.argmax(axis=1)
    counts = metrics.confusion(truth, predicted, len(CLASSES))
    uar, accuracy = metrics.with_intervals(truth, predicted, speakers, len(CLASSES), seed)
    recalls, precisions = metrics.recalls(counts), metrics.precisions(counts)
    by_gender = {}
    for gender in sorted(set(genders)):
        chosen = np.asarray([g == gender for g in genders])
        part = metrics.confusion(truth[chosen], predicted[chosen], len(CLASSES))
        by_gender[gender] = {
            "n": int(chosen.sum()),
            "uar": rounded(metrics.uar(part)),
            "accuracy": rounded(metrics.accuracy(part)),
        }
    return {
        "n": len(truth),
        "uar": _interval(uar),
        "accuracy": _interval(accuracy),
        "macroF1": rounded(metrics.macro_f1(counts)),
        "perClass": [
            {
                "class": name,
                "n": int(counts[i].sum()),
                "recall": rounded(recalls[i]) if counts[i].sum() else None,
                "precision": rounded(precisions[i]),
            }
            for i, name in enumerate(CLASSES)
        ],
        "confusion": counts.tolist(),
        "perGender": by_gender,
        "eceBefore": rounded(metrics.calibration_error(before, truth)),
        "eceAfter": rounded(metrics.calibration_error(after, truth)),
        "riskCoverage": [
            {
                "coverage": row.coverage,
                "n": row.n,
                "leastConfidence": rounded(row.least_confidence),
                "accuracy": rounded(row.accuracy),
                "uar": rounded(row.uar),
            }
            for row in metrics.risk_coverage(after, truth)
        ],
    }


def _groups(names: list[str], truth: Ints, predicted: Ints) -> dict[str, Any]:
    """n, UAR and accuracy of each group of recordings, by name."""
    out = {}
    for name in sorted(set(names)):
        chosen = np.asarray([n == name for n in names])
        part = metrics.confusion(truth[chosen], predicted[chosen], len(CLASSES))
        out[name] = {
            "n": int(chosen.sum()),
            "uar": rounded(metrics.uar(part)),
            "accuracy": rounded(metrics.accuracy(part)),
        }
    return out


def summarise(scored: Scored, temperature: Floats, seeds: list[int]) -> dict[str, Any]:
    """The figures of a split; `temperature` [windows] was fitted on other speakers than each window's."""
    recordings, truth = scored.recordings, scored.truth
    untempered = np.ones_like(temperature)
    speakers = [r.speaker for r in recordings]
    genders = [r.gender for r in recordings]
    of_window = scored.owner.tolist()
    after = scored.probabilities(temperature)
    predicted = after.argmax(axis=1)
    labels = sorted({r.label for r in recordings})
    right = predicted == truth
    return {
        "split": scored.split,
        "rule": scored.rule,
        "corpora": sorted({r.corpus for r in recordings}),
        "folds": len(set(scored.fold)),
        "speakers": len(set(speakers)),
        "seeds": seeds,
        "intervals": metrics.interval_method(len(set(speakers))),
        "recording": _figures(scored.probabilities(untempered), after, truth, speakers, genders, seeds[0]),
        "window": _figures(
            scored.window_probabilities(untempered),
            scored.window_probabilities(temperature),
            truth[scored.owner],
            [speakers[i] for i in of_window],
            [genders[i] for i in of_window],
            seeds[0],
        ),
        "perFold": _groups([str(f) for f in scored.fold], truth, predicted),
        "perSpeaker": _groups(speakers, truth, predicted),
        "perCorpusLabel": {
            label: {
                "n": sum(r.label == label for r in recordings),
                "recall": rounded(float(right[[r.label == label for r in recordings]].mean())),
            }
            for label in labels
        },
    }
