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

from .dataset import BANDS, CLASSES
from .windows import FLOOR, WINDOW_FRAMES

RANGE_NEPERS = 12.0
"""Energies further below the window's level than this (52 dB) are clipped: it hides the recorder's noise floor."""


@dataclass(frozen=True)
class Stage:
    """One depthwise-separable block: channels out and strides over time and frequency."""

    channels: int
    stride: tuple[int, int] = (1, 1)


class Standardise(nn.Module):
    """[batch, frames, bands] → ([batch, 1, frames, bands], signal mask [batch, frames, 1]).

    Subtracts the level of the window, so that recording gain does not matter, and sets padding to 0.
    The level is the mean over frames that hold signal; silence below FLOOR counts as padding.
    """

    def __init__(self, gain_known: float) -> None:
        super().__init__()
        self.gain_known = gain_known

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mask = (x.amax(dim=2, keepdim=True) > FLOOR + 0.01).to(x.dtype)
        count = mask.sum(dim=1, keepdim=True).clamp(min=1.0)
        level = (x * mask).sum(dim=1, keepdim=True).mean(dim=2, keepdim=True) / count
        level = level * (1.0 - self.gain_known) - 7.0 * self.gain_known
        y = (x - level).clamp(min=-RANGE_NEPERS) * mask * 0.3
        return y.unsqueeze(1), mask


def _conv(cin: int, cout: int, kernel: tuple[int, int], stride: tuple[int, int], groups: int = 1) -> nn.Sequential:
    padding = (kernel[0] // 2, kernel[1] // 2)
    return nn.Sequential(
        nn.Conv2d(cin, cout, kernel, stride, padding, groups=groups, bias=False), nn.BatchNorm2d(cout)
    )


class Separable(nn.Module):
    """Depthwise 3 × 3, then pointwise; a residual sum where the shape allows it."""

    def __init__(self, cin: int, stage: Stage, kernel: tuple[int, int] = (3, 3)) -> None:
        super().__init__()
        self.depthwise = _conv(cin, cin, kernel, stage.stride, groups=cin)
        self.pointwise = _conv(cin, stage.channels, (1, 1), (1, 1))
        self.residual = cin == stage.channels and stage.stride == (1, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.pointwise(torch.relu(self.depthwise(x)))
        return torch.relu(x + y) if self.residual else torch.relu(y)


class EmotionNet(nn.Module):
    """Log-mel windows → logits; see the module's contract for shapes."""

    def __init__(self, stem: int, stages: tuple[Stage, ...], embedding: int, dropout: float, gain_known: float = 0.0, stem_stride: int = 2, temporal: int = 1) -> None:
        super().__init__()
        self.standardise = Standardise(gain_known)
        self.stem = _conv(1, stem, (5, 5) if stem_stride == 2 else (7, 5), (stem_stride, 2))
        blocks: list[nn.Module] = []
        cin, bands, self.time_stride = stem, BANDS // 2, stem_stride
        for stage in stages:
            blocks.append(Separable(cin, stage))
            cin, bands = stage.channels, -(-bands // stage.stride[1])
            self.time_stride *= stage.stride[0]
        self.blocks = nn.Sequential(*blocks)
        # Frequency is folded away by one full-height convolution, so that position along the mel axis still counts.
        self.fold = nn.Sequential(nn.Conv2d(cin, embedding, (1, bands), bias=False), nn.BatchNorm2d(embedding))
        self.temporal = nn.Sequential(*[Separable(embedding, Stage(embedding), (5, 1)) for _ in range(temporal)])
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * embedding, len(CLASSES))

    def forward(self, logmel: Tensor) -> Tensor:
        x, mask = self.standardise(logmel)
        x = self.blocks(torch.relu(self.stem(x)))
        x = self.temporal(torch.relu(self.fold(x))).squeeze(3)
        signal = mask[:, :: self.time_stride].transpose(1, 2)
        count = signal.sum(dim=2).clamp(min=1.0)
        mean = (x * signal).sum(dim=2) / count
        power = (x * x * signal).sum(dim=2) / count
        deviation = (power - mean * mean).clamp(min=1e-4).sqrt()
        return self.head(self.dropout(torch.cat([mean, deviation], dim=1)))


def parameter_count(model: nn.Module) -> int:
    """Trained parameters."""
    return sum(p.numel() for p in model.parameters())


def example_input(batch: int = 1) -> Tensor:
    """Silence, [batch, WINDOW_FRAMES, BANDS]: the shape that the exporter needs."""
    return torch.full((batch, WINDOW_FRAMES, BANDS), FLOOR)
