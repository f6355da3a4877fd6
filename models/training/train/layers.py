"""Layers that several recipes share. Normalisation is part of the graph, so that serving cannot forget it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from .recipe import TrainingSet

SMALLEST_POWER = 1e-10
LARGEST_DEVIATIONS = 6.0
"""Further from the mean than this no training recording says what a value means."""


class Normalise(nn.Module):
    """[…, columns] → the same, less its mean and over its deviation in the training recordings; powers in decades.

    In training some noise is added, in deviations.
    """

    is_power: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, training: TrainingSet, powers: tuple[str, ...] = (), noise: float = 0.0) -> None:
        super().__init__()
        self.noise = noise
        is_power = torch.tensor([name.startswith(powers) if powers else False for name in training.columns])
        self.register_buffer("is_power", is_power)
        self.has_powers = bool(is_power.any())
        pad = training.cutter.window.pad_value
        mean = torch.zeros(len(training.columns), dtype=torch.float64)
        square, mass = mean.clone(), 0.0
        for recording, weight in zip(training.recordings, training.weights, strict=True):
            values = self.decades(torch.from_numpy(recording.values.astype(np.float64)))
            values = values[(values != pad).any(dim=1)]
            mean += weight * values.sum(dim=0)
            square += weight * (values * values).sum(dim=0)
            mass += float(weight) * len(values)
        mean /= mass
        deviation = (square / mass - mean * mean).clamp(min=1e-12).sqrt()
        self.register_buffer("mean", mean.float())
        self.register_buffer("scale", (1.0 / deviation).float())

    def decades(self, values: Tensor) -> Tensor:
        if not self.has_powers:
            return values
        return torch.where(self.is_power, values.clamp(min=SMALLEST_POWER).log10(), values)

    def forward(self, values: Tensor) -> Tensor:
        out = (self.decades(values) - self.mean) * self.scale
        out = out.clamp(-LARGEST_DEVIATIONS, LARGEST_DEVIATIONS)
        return out + self.noise * torch.randn_like(out) if self.training and self.noise > 0.0 else out


class StatisticsPool(nn.Module):
    """[batch, channels, frames] and a mask [batch, 1, frames] → mean and deviation over the frames that the mask holds.

    After Snyder et al. 2018 (x-vectors). Out: [batch, 2 · channels].
    """

    def forward(self, x: Tensor, signal: Tensor) -> Tensor:
        count = signal.sum(dim=2).clamp(min=1.0)
        mean = (x * signal).sum(dim=2) / count
        power = (x * x * signal).sum(dim=2) / count
        # The floor keeps the gradient of the root finite where a channel is constant.
        deviation = (power - mean * mean).clamp(min=1e-4).sqrt()
        return torch.cat([mean, deviation], dim=1)
