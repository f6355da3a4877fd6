"""Temperatures and the scores of the curves, against cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from train.calibrate import as_logits, fit_temperature, softmax
from train.curves import accuracy_and_uar


def test_temperature_of_overconfident_logits() -> None:
    generator = np.random.default_rng(0)
    logits = generator.standard_normal((4000, 5))
    drawn = softmax(logits).cumsum(axis=1) > generator.random((4000, 1))
    truth = drawn.argmax(axis=1)
    assert fit_temperature(logits * 3.0, truth, np.ones(4000)) == pytest.approx(3.0, rel=0.1)


def test_probabilities_have_a_temperature_too() -> None:
    probabilities = np.asarray([[0.75, 0.25], [1.0, 0.0]])
    assert softmax(as_logits(probabilities, "probabilities")) == pytest.approx(probabilities, abs=1e-9)
    assert as_logits(probabilities, "logits") is probabilities


def test_scores() -> None:
    probabilities = np.asarray([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0], [0.3, 0.7, 0.0], [0.4, 0.6, 0.0]])
    accuracy, uar = accuracy_and_uar(probabilities, np.asarray([0, 0, 0, 1]))
    assert accuracy == 0.75
    assert uar == pytest.approx((2 / 3 + 1) / 2)
