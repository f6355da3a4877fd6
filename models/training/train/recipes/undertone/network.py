"""The depthwise-separable network of undertone-s.

In:  log-mel energies [batch, 300 frames, 64 bands], ln of power, padded with ln(1e-7).
Out: logits [batch, classes].

Depthwise-separable blocks after Howard et al. 2017 (MobileNets); mean and standard deviation
pooled over time after Snyder et al. 2018 (x-vectors), over the frames that hold signal only.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...recipe import TrainingSet
from .front_end import BANDS, FLOOR, WINDOW_FRAMES


@dataclass(frozen=True)
class Stage:
    """One depthwise-separable block: channels out, and strides over time and frequency."""

    channels: int
    stride: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Network:
    """Sizes of EmotionNet; see there for what they mean."""

    stem_channels: int = 16
    stages: tuple[Stage, ...] = (Stage(32, (2, 2)), Stage(48, (2, 2)), Stage(48), Stage(64, (1, 2)), Stage(64))
    embedding: int = 96
    dropout: float = 0.3

    def __call__(self, training: TrainingSet) -> EmotionNet:
        return EmotionNet(self, len(training.classes.names))


RANGE_NEPERS = 12.0
"""Energies further below the window's level than this (52 dB) are clipped: it hides the recorder's noise floor."""
SCALE = 0.3
"""Brings the standardised energies to about unit variance."""


class Standardise(nn.Module):
    """[batch, frames, bands] → ([batch, 1, frames, bands], signal mask [batch, frames, 1]).

    Subtracts the level of the window, so that recording gain does not matter, and sets padding to 0.
    The level is the mean over frames that hold signal; frames at the floor in every band count as padding.
    """

    def forward(self, logmel: Tensor) -> tuple[Tensor, Tensor]:
        mask = (logmel.amax(dim=2, keepdim=True) > FLOOR + 0.01).to(logmel.dtype)
        count = mask.sum(dim=1, keepdim=True).clamp(min=1.0)
        level = (logmel * mask).sum(dim=1, keepdim=True).mean(dim=2, keepdim=True) / count
        return ((logmel - level).clamp(min=-RANGE_NEPERS) * mask * SCALE).unsqueeze(1), mask


def _conv(
    inputs: int,
    outputs: int,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    groups: int = 1,
    padding: tuple[int, int] | None = None,
) -> nn.Sequential:
    """Convolution and batch normalisation, which the exporter folds into one; same padding unless told otherwise."""
    same = (kernel[0] // 2, kernel[1] // 2)
    convolution = nn.Conv2d(
        inputs, outputs, kernel, stride, same if padding is None else padding, groups=groups, bias=False
    )
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))


class Separable(nn.Module):
    """Depthwise 3 × 3, then pointwise; a residual sum where the shape allows it."""

    def __init__(self, inputs: int, stage: Stage, kernel: tuple[int, int] = (3, 3)) -> None:
        super().__init__()
        self.depthwise = _conv(inputs, inputs, kernel, stage.stride, groups=inputs)
        self.pointwise = _conv(inputs, stage.channels, (1, 1), (1, 1))
        self.residual = inputs == stage.channels and stage.stride == (1, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.pointwise(functional.relu_(self.depthwise(x)))
        return functional.relu_(x + y) if self.residual else functional.relu_(y)


class EmotionNet(nn.Module):
    """Log-mel windows → logits; see the module's contract for shapes."""

    def __init__(self, sizes: Network, classes: int) -> None:
        super().__init__()
        self.standardise = Standardise()
        self.stem = _conv(1, sizes.stem_channels, (5, 5), (2, 2))
        blocks: list[nn.Module] = []
        channels, bands, self.time_stride = sizes.stem_channels, BANDS // 2, 2
        for stage in sizes.stages:
            blocks.append(Separable(channels, stage))
            channels, bands = stage.channels, -(-bands // stage.stride[1])
            self.time_stride *= stage.stride[0]
        self.blocks = nn.Sequential(*blocks)
        # One full-height convolution folds frequency away, so that the position along the mel axis still counts.
        self.fold = _conv(channels, sizes.embedding, (1, bands), (1, 1), padding=(0, 0))
        self.temporal = Separable(sizes.embedding, Stage(sizes.embedding), kernel=(5, 1))
        self.dropout = nn.Dropout(sizes.dropout)
        self.head = nn.Linear(2 * sizes.embedding, classes)

    def forward(self, logmel: Tensor) -> Tensor:
        x, mask = self.standardise(logmel)
        x = self.blocks(functional.relu_(self.stem(x)))
        x = self.temporal(functional.relu_(self.fold(x))).squeeze(3)
        signal = mask[:, :: self.time_stride].transpose(1, 2)
        count = signal.sum(dim=2).clamp(min=1.0)
        mean = (x * signal).sum(dim=2) / count
        power = (x * x * signal).sum(dim=2) / count
        # The floor keeps the gradient of the root finite where a channel is constant.
        deviation = (power - mean * mean).clamp(min=1e-4).sqrt()
        logits: Tensor = self.head(self.dropout(torch.cat([mean, deviation], dim=1)))
        return logits


def example_input(batch: int = 1) -> Tensor:
    """Silence, [batch, WINDOW_FRAMES, BANDS]: the shape that the exporter needs."""
    return torch.full((batch, WINDOW_FRAMES, BANDS), FLOOR)
