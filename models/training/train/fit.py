"""Trains one network on some recordings; the length of training is fixed and nothing is chosen on held-out data.

In:  recordings to train on. Out: the averaged weights, and one curve point an epoch.
Deterministic for a seed on one machine and number of threads.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from .augment import colour, crop_and_warp, mask, telephone
from .dataset import CLASSES, FloatArray, Recording
from .network import EmotionNet
from .recipe import Recipe
from .windows import FLOOR

WARM_UP = 0.15
"""Share of the steps in which the learning rate rises (one cycle, Smith & Topin 2018)."""
GRADIENT_NORM = 2.0
SCORE_EVERY = 5
"""Epochs between two scores of the held-out recordings. They are written down and never acted upon."""


@dataclass(frozen=True)
class CurvePoint:
    """The state after an epoch."""

    epoch: int
    learning_rate: float
    loss: float
    """Mean training loss of the epoch, label smoothing included."""
    held_out_uar: float | None
    """UAR of the averaged weights on held-out recordings, 0–1; None where it was not measured."""


@dataclass(frozen=True)
class Pool:
    """The training recordings as tensors."""

    logmel: Tensor
    """[recordings, longest, bands], padded with FLOOR."""
    frames: Tensor
    """[recordings], float."""
    targets: Tensor
    """[recordings], class index."""
    weights: Tensor
    """[recordings]: sampling weight; every class has the same sum."""
    mass: float
    """Number of recordings that an epoch stands for: the sum of the corpus weights."""


def pool_of(recordings: Sequence[Recording], corpus_weight: dict[str, float]) -> Pool:
    """Stacks recordings and balances their classes."""
    longest = max(len(r.logmel) for r in recordings)
    logmel = torch.full((len(recordings), longest, recordings[0].logmel.shape[1]), FLOOR)
    for row, recording in enumerate(recordings):
        logmel[row, : len(recording.logmel)] = torch.from_numpy(recording.logmel)
    frames = torch.tensor([float(len(r.logmel)) for r in recordings])
    targets = torch.tensor([r.target for r in recordings])
    weights = torch.tensor([corpus_weight[r.corpus] for r in recordings])
    of_class = torch.zeros(len(CLASSES)).index_add_(0, targets, weights)
    return Pool(logmel, frames, targets, weights / of_class[targets], float(weights.sum()))


def _batch(pool: Pool, recipe: Recipe, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    index = torch.multinomial(pool.weights, recipe.batch, replacement=True, generator=generator)
    windows = crop_and_warp(pool.logmel[index], pool.frames[index], recipe.augmentation, generator)
    for change in (colour, telephone, mask):
        windows = change(windows, recipe.augmentation, generator)
    targets = functional.one_hot(pool.targets[index], len(CLASSES)).float()
    targets = targets * (1.0 - recipe.label_smoothing) + recipe.label_smoothing / len(CLASSES)
    return windows, targets


def _average(average: nn.Module, model: nn.Module, decay: float) -> None:
    """average ← decay · average + (1 − decay) · model, running statistics included."""
    with torch.no_grad():
        for kept, new in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1.0 - decay)
            else:
                kept.copy_(new)


def _optimiser(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    kernels = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": recipe.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.peak_learning_rate)


def fit(
    recordings: Sequence[Recording],
    recipe: Recipe,
    seed: int,
    on_epoch: Callable[[CurvePoint], None],
    held_out_uar: Callable[[EmotionNet], float] | None = None,
) -> EmotionNet:
    """Trains for `recipe.epochs` and returns the averaged weights, in evaluation mode."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    pool = pool_of(recordings, recipe.corpus_weight)
    model = EmotionNet(recipe.network)
    # Depthwise convolutions run half again as fast in this layout.
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average: EmotionNet = copy.deepcopy(model).eval()
    optimiser = _optimiser(model, recipe)
    an_epoch = max(1, int(pool.mass) // recipe.batch)
    # The scheduler divides by the length of its phases: a smoke test of a few steps needs room in each.
    total = max(10, an_epoch * recipe.epochs)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.peak_learning_rate, total_steps=total, pct_start=WARM_UP
    )
    done = 0
    for epoch in range(1, recipe.epochs + 1):
        model.train()
        losses = []
        for _ in range(an_epoch):
            windows, targets = _batch(pool, recipe, generator)
            loss = functional.cross_entropy(model(windows), targets)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM)
            optimiser.step()
            schedule.step()
            done += 1
            _average(average, model, min(recipe.averaging, done / (done + 9.0)))
            losses.append(float(loss.detach()))
        score = epoch % SCORE_EVERY == 0 or epoch == recipe.epochs
        uar = held_out_uar(average) if held_out_uar and score else None
        on_epoch(CurvePoint(epoch, float(schedule.get_last_lr()[0]), float(np.mean(losses)), uar))
    return average


def window_logits(model: EmotionNet, windows: FloatArray, batch: int = 64) -> npt.NDArray[np.float64]:
    """[windows, classes]: raw logits of windows [windows, frames, bands]."""
    model.eval()
    with torch.inference_mode():
        parts = [model(part) for part in torch.split(torch.from_numpy(windows), batch)]
    return torch.cat(parts).double().numpy()
