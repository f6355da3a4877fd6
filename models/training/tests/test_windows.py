"""The window grid must be the one of packages/shared/src/grid.ts, the input that of packages/inference/src/family."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from train.features import Recording
from train.graph_input import GraphInput
from train.labels import Label
from train.windows import Cut, Cutter, Window, recording_mean

WINDOW = Window(3.0, 1.5, "recording", pad_value=-16.0)
CUTTER = Cutter(WINDOW, 300, 100.0)


def recording(duration_s: float) -> Recording:
    frames = 1 + (round(duration_s * 16000) - 400) // 160
    values = np.repeat(np.arange(frames, dtype=np.float32)[:, None], 4, axis=1)
    return Recording(Label(Path("/a.wav"), "ravdess", "ravdess-01", "male", "happy", None), duration_s, values)


@pytest.mark.parametrize(
    ("duration_s", "windows"), [(0.5, 1), (3.0, 1), (3.001, 2), (4.5, 2), (4.501, 3), (6.0, 3), (60.0, 39)]
)
def test_window_count(duration_s: float, windows: int) -> None:
    assert WINDOW.count(duration_s) == windows


def test_a_remainder_that_is_too_short_is_left_out() -> None:
    assert [Window(3.0, 3.0, "recording", min_s=0.5).count(s) for s in (3.4, 3.5, 6.0)] == [1, 2, 2]


def test_windows_are_slices_padded_with_the_floor() -> None:
    cut = CUTTER.cut([recording(3.7), recording(1.0)])
    assert cut.windows.shape == (3, 300, 4)
    assert cut.owner.tolist() == [0, 0, 1]
    assert cut.seconds == pytest.approx([3.0, 2.2, 1.0])
    assert cut.windows[1, 0, 0] == 150.0
    assert cut.windows[1, 217, 0] == 367.0
    assert cut.windows[1, 218, 0] == -16.0
    assert cut.windows[2, 98, 0] == -16.0


def test_a_window_of_its_own_cannot_be_cut_out_of_a_longer_recording() -> None:
    cutter = Cutter(Window(3.0, 1.5, "window"), 300, 100.0)
    assert cutter.can(recording(3.0))
    assert not cutter.can(recording(3.1))
    assert not cutter.can(recording(0.2))
    assert CUTTER.can(recording(3.1))


def test_a_recording_is_the_mean_weighted_by_seconds() -> None:
    probabilities = np.asarray([[1.0, 0.0], [0.0, 1.0], [0.25, 0.75]])
    seconds = np.asarray([3.0, 1.0, 2.0], dtype=np.float32)
    cut = Cut(np.zeros((3, 1, 1), dtype=np.float32), np.asarray([0, 0, 1]), seconds)
    assert recording_mean(probabilities, cut, 2) == pytest.approx(np.asarray([[0.75, 0.25], [0.25, 0.75]]))


WINDOWS = torch.arange(24.0).reshape(1, 6, 4)


def test_axes_are_the_cards() -> None:
    image = GraphInput("x", ("batch", "one", "columns", "frames"), frames=6)
    assert image.family == "matrix"
    assert image.shape(4) == [1, 4, 6]
    assert image.arrange(WINDOWS)[0, 0, 3, 5] == WINDOWS[0, 5, 3]
    row = GraphInput("x", ("batch", "columns", "one"))
    assert row.family == "vector"
    assert row.arrange(WINDOWS[:, :1]).shape == (1, 4, 1)


def test_steps_roll_over_the_frames() -> None:
    rolling = GraphInput("x", ("batch", "steps", "frames", "columns", "one"), frames=2, steps=3, step_hop_frames=2)
    assert rolling.family == "sequence"
    assert rolling.rows == 6
    assert rolling.shape(4) == [3, 2, 4, 1]
    assert rolling.arrange(WINDOWS)[0, 2, 1, 3, 0] == WINDOWS[0, 5, 3]
    assert rolling.card()["stepHopFrames"] == 2
