"""Training batches of windows that are cut as in serving, with changes in feature space.

Copies of audio are made by `python -m augment`; a recipe that wants random crops or warps brings batches of its own
(recipes/undertone/batches.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .recipe import TrainingSet
from .torch_learner import Batches, class_balanced


@dataclass(frozen=True)
class FeatureAugmentation:
    """How far a training window may move from what was computed. Masks and stretches are for frames only."""

    mixup: float = 0.0
    """Both parameters of the beta distribution of the share of another window (Zhang et al. 2018); 0: none."""
    least_stretch: float = 1.0
    """Least share of a window's frames that is kept, as a stretch from a random place on; the rest is padding."""
    time_masks: int = 0
    time_mask_frames: int = 0
    column_masks: int = 0
    column_mask_columns: int = 0


@dataclass(frozen=True)
class WindowBatches:
    """Batches of whole windows, every class as often as any other."""

    augmentation: FeatureAugmentation = FeatureAugmentation()
    least_class: float = 0.0
    """See class_balanced."""

    def __call__(self, training: TrainingSet, batch: int) -> Batches:
        return _WindowBatches(self, training, batch)


class _WindowBatches:
    def __init__(self, settings: WindowBatches, training: TrainingSet, batch: int) -> None:
        cut = training.cutter.cut(training.recordings)
        self.augmentation = settings.augmentation
        self.input = training.input
        self.pad = training.cutter.window.pad_value
        self.windows = torch.from_numpy(cut.windows)
        owner = torch.from_numpy(cut.owner)
        # A recording counts once, however many windows it has.
        share = (
            torch.from_numpy(cut.seconds)
            / torch.zeros(len(training.recordings)).index_add_(0, owner, torch.from_numpy(cut.seconds))[owner]
        )
        self.weights = class_balanced(training, settings.least_class)[owner] * share
        self.shares = functional.one_hot(torch.from_numpy(training.targets)[owner], len(training.classes.names)).float()
        self.batch = batch
        self.steps = max(1, int(training.weights.sum()) // batch)
        real = self.windows[(self.windows != self.pad).any(dim=2)]
        self.mean = real.mean(dim=0)

    def draw(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        index = torch.multinomial(self.weights, self.batch, replacement=True, generator=generator)
        windows, shares = self.windows[index], self.shares[index]
        settings = self.augmentation
        if settings.least_stretch < 1.0:
            windows = stretch_of(windows, self.pad, settings.least_stretch, generator)
        if settings.mixup > 0.0:
            windows, shares = mix(windows, shares, settings.mixup, generator)
        if settings.time_masks or settings.column_masks:
            windows = mask(windows, self.mean, self.pad, settings, generator)
        return self.input.arrange(windows), shares


def signal_frames(windows: Tensor, pad: float) -> Tensor:
    """[batch, rows]: whether a row is more than padding."""
    return (windows != pad).any(dim=2)


def mix(windows: Tensor, shares: Tensor, alpha: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """mixup: every window with a random other one of the batch, and their classes in the same shares."""
    seed = int(torch.randint(2**31, (1,), generator=generator))
    kept = torch.from_numpy(np.random.default_rng(seed).beta(alpha, alpha, len(windows))).float()
    # The larger share stays the window's own, so that its padding is roughly the mixture's.
    kept = torch.maximum(kept, 1.0 - kept)
    other = torch.randperm(len(windows), generator=generator)
    mixed = torch.lerp(windows[other], windows, kept[:, None, None])
    return mixed, torch.lerp(shares[other], shares, kept[:, None])


def stretch_of(windows: Tensor, pad: float, least: float, generator: torch.Generator) -> Tensor:
    """A random stretch of each window's frames, moved to its beginning; the rest is padding."""
    rows = torch.arange(windows.shape[1])[None, :]
    real = signal_frames(windows, pad).sum(dim=1, keepdim=True)
    share = torch.rand(len(windows), 1, generator=generator) * (1.0 - least) + least
    length = (real * share).round().long().clamp(min=1)
    first = (torch.rand(len(windows), 1, generator=generator) * (real - length + 1)).floor().long()
    source = (first + rows).clamp(max=windows.shape[1] - 1)
    moved = torch.gather(windows, 1, source[:, :, None].expand_as(windows))
    return moved.masked_fill((rows >= length)[:, :, None], pad)


def mask(
    windows: Tensor, mean: Tensor, pad: float, settings: FeatureAugmentation, generator: torch.Generator
) -> Tensor:
    """SpecAugment (Park et al. 2019): stretches of time and runs of columns hold the columns' means."""
    batch, rows, columns = windows.shape
    hidden = torch.zeros(batch, rows, columns, dtype=torch.bool)
    for count, size, axis, length in (
        (settings.time_masks, settings.time_mask_frames, 1, rows),
        (settings.column_masks, settings.column_mask_columns, 2, columns),
    ):
        position = torch.arange(length)[None, :]
        for _ in range(count):
            width = torch.rand(batch, 1, generator=generator) * size
            first = torch.rand(batch, 1, generator=generator) * (length - width)
            inside = (position >= first) & (position < first + width)
            hidden |= inside.unsqueeze(2 if axis == 1 else 1)
    hidden &= signal_frames(windows, pad)[:, :, None]
    return torch.where(hidden, mean.expand_as(windows), windows)
