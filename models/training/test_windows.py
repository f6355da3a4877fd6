"""The window grid must be the one of packages/shared/src/grid.ts and inference."""

from __future__ import annotations

import numpy as np
import pytest

from train.dataset import BANDS, Recording
from train.windows import FLOOR, WINDOW_FRAMES, cut_all, file_probabilities, real_seconds, window_count


def recording(duration_s: float) -> Recording:
    frames = 1 + (round(duration_s * 16000) - 400) // 160
    logmel = np.repeat(np.arange(frames, dtype=np.float32)[:, None], BANDS, axis=1)
    return Recording("a.wav", "ravdess", "ravdess-01", "happy", duration_s, logmel)


@pytest.mark.parametrize(
    ("duration_s", "windows"), [(0.5, 1), (3.0, 1), (3.001, 2), (4.5, 2), (4.501, 3), (6.0, 3), (60.0, 39)]
)
def test_window_count(duration_s: float, windows: int) -> None:
    assert window_count(duration_s) == windows


def test_windows_are_slices_padded_with_the_floor() -> None:
    windows, owner, seconds = cut_all([recording(3.7), recording(1.0)])
    assert windows.shape == (3, WINDOW_FRAMES, BANDS)
    assert owner.tolist() == [0, 0, 1]
    assert seconds == pytest.approx([3.0, 2.2, 1.0])
    assert windows[1, 0, 0] == 150.0
    assert windows[1, 217, 0] == 367.0
    assert windows[1, 218, 0] == np.float32(FLOOR)
    assert windows[2, 98, 0] == np.float32(FLOOR)


def test_real_seconds_never_leave_the_window() -> None:
    assert real_seconds(3.5, 0) == 3.0
    assert real_seconds(3.5, 1) == 2.0
    assert real_seconds(1.0, 1) == 0.0


def test_a_file_is_the_mean_weighted_by_seconds() -> None:
    probabilities = np.asarray([[1.0, 0.0], [0.0, 1.0], [0.25, 0.75]])
    files = file_probabilities(probabilities, np.asarray([0, 0, 1]), np.asarray([3.0, 1.0, 2.0], dtype=np.float32), 2)
    assert files == pytest.approx(np.asarray([[0.75, 0.25], [0.25, 0.75]]))
