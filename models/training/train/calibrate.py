"""Temperature scaling (Guo et al. 2017): one number that divides the logits before the softmax.

Fitted on windows of recordings that the model never heard, each weighted by its seconds: windows are what
is scored in serving, and a recording's probabilities are their mean.
"""

from __future__ import annotations

import numpy as np

from .features import Floats, Ints

LOWEST, HIGHEST = 0.1, 10.0


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """[items, classes] probabilities of logits [items, classes]."""
    scaled = logits / temperature
    mass = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def as_logits(outputs: Floats, kind: str) -> Floats:
    """What a temperature divides: logits, or the logarithms of probabilities, as packages/inference does."""
    return outputs if kind == "logits" else np.log(np.maximum(outputs, 1e-12))


def negative_log_likelihood(logits: Floats, truth: Ints, weight: Floats, temperature: float) -> float:
    """Weighted mean of −ln p(truth), in nats."""
    probabilities = softmax(logits, temperature)[np.arange(len(truth)), truth]
    return float(np.average(-np.log(np.maximum(probabilities, 1e-12)), weights=weight))


def fit_temperature(logits: Floats, truth: Ints, weight: Floats) -> float:
    """The temperature with the least negative log-likelihood, by golden-section search on its logarithm.

    In: logits [windows, classes], class indices [windows], weights [windows].
    """
    low, high = np.log(LOWEST), np.log(HIGHEST)
    shrink = (np.sqrt(5.0) - 1.0) / 2.0
    for _ in range(60):
        left, right = high - shrink * (high - low), low + shrink * (high - low)
        on_left = negative_log_likelihood(logits, truth, weight, float(np.exp(left)))
        on_right = negative_log_likelihood(logits, truth, weight, float(np.exp(right)))
        low, high = (low, right) if on_left < on_right else (left, high)
    return float(np.exp((low + high) / 2.0))
