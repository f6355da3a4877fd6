"""The network of undertone-s and undertone-m: one trunk along the recording, pooled by window.

In:  log-mel energies [batch, frames, 64 bands], ln of power, padded with ln(1e-7); frames = 300 + 150·(windows − 1).
Out: logits [batch, windows, classes].

Windows overlap by half, and the trunk goes over their frames once: only pooling and head are done by window.
Depthwise-separable blocks after Howard et al. 2017 (MobileNets); mean and standard deviation pooled over time after
Snyder et al. 2018 (x-vectors), over the frames that hold signal only.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...errors import TrainError
from ...recipe import TrainingSet
from .front_end import BANDS, FLOOR, HOP_FRAMES, WINDOW_FRAMES


@dataclass(frozen=True)
class Network:
    """Sizes of EmotionNet."""

    stem_channels: int
    channels: int
    """Of the block that follows the stem."""
    embedding: int
    temporal_blocks: int
    time_strides: tuple[int, int]
    """Frames that stem and block step over. Their product must divide the hop of the windows."""
    dropout: float

    def __call__(self, training: TrainingSet) -> EmotionNet:
        return EmotionNet(self, len(training.classes.names))


RANGE_NEPERS = 12.0
"""Energies further below the level than this (52 dB) are clipped: it hides the recorder's noise floor."""
SCALE = 0.3
"""Brings the standardised energies to about unit variance."""
LEVEL_BLOCK_FRAMES = 10
LEVEL_BLOCKS = 31
"""The level is a mean over this many blocks of frames around a frame: about a window."""


class Standardise(nn.Module):
    """[batch, frames, bands] → ([batch, 1, frames, bands], signal mask [batch, frames, 1]).

    Subtracts the level around each frame, so that recording gain does not matter, and sets padding to 0.
    The level is the mean over frames that hold signal; frames at the floor in every band count as padding.
    A mean along the recording, not of each window: windows could not share a trunk otherwise.
    """

    def forward(self, logmel: Tensor) -> tuple[Tensor, Tensor]:
        mask = (logmel.amax(dim=2, keepdim=True) > FLOOR + 0.01).to(logmel.dtype)
        energy = around((logmel.mean(dim=2, keepdim=True) * mask).transpose(1, 2))
        signal = around(mask.transpose(1, 2)).clamp(min=1e-3)
        # Blocks first: a mean over 310 frames at every frame would cost as much as half the network.
        level = functional.interpolate(energy / signal, scale_factor=float(LEVEL_BLOCK_FRAMES), mode="nearest")
        return ((logmel - level.transpose(1, 2)).clamp(min=-RANGE_NEPERS) * mask * SCALE).unsqueeze(1), mask


def around(values: Tensor) -> Tensor:
    """[batch, 1, frames] → [batch, 1, blocks]: mean over LEVEL_BLOCKS blocks around each; 0 beyond the ends."""
    blocks = functional.avg_pool1d(values, LEVEL_BLOCK_FRAMES, LEVEL_BLOCK_FRAMES)
    return functional.avg_pool1d(blocks, LEVEL_BLOCKS, 1, LEVEL_BLOCKS // 2)


def _conv(
    inputs: int,
    outputs: int,
    kernel: tuple[int, int],
    stride: tuple[int, int] = (1, 1),
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
    """Depthwise, then pointwise; a residual sum where the shape allows it."""

    def __init__(self, inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.depthwise = _conv(inputs, inputs, kernel, stride, groups=inputs)
        self.pointwise = _conv(inputs, outputs, (1, 1))
        self.residual = inputs == outputs and stride == (1, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.pointwise(functional.relu_(self.depthwise(x)))
        return functional.relu_(x + y) if self.residual else functional.relu_(y)


class EmotionNet(nn.Module):
    """Log-mel energies → logits by window; see the module's contract for shapes."""

    def __init__(self, sizes: Network, classes: int) -> None:
        super().__init__()
        first, second = sizes.time_strides
        self.time_stride = first * second
        if HOP_FRAMES % self.time_stride:
            raise TrainError(
                f"Expected time strides whose product divides {HOP_FRAMES} but received {first} and {second}"
            )
        self.standardise = Standardise()
        self.stem = _conv(1, sizes.stem_channels, (7 if first > 2 else 5, 5), (first, 2))
        self.block = Separable(sizes.stem_channels, sizes.channels, (5 if second > 2 else 3, 3), (second, 2))
        # One full-height convolution folds frequency away, so that the position along the mel axis still counts.
        self.fold = _conv(sizes.channels, sizes.embedding, (1, BANDS // 4), padding=(0, 0))
        self.temporal = nn.Sequential(
            *(Separable(sizes.embedding, sizes.embedding, (5, 1)) for _ in range(sizes.temporal_blocks))
        )
        self.dropout = nn.Dropout(sizes.dropout)
        self.head = nn.Linear(2 * sizes.embedding, classes)

    def forward(self, logmel: Tensor) -> Tensor:
        x, mask = self.standardise(logmel)
        x = self.block(functional.relu_(self.stem(x)))
        x = self.temporal(functional.relu_(self.fold(x))).squeeze(3)
        signal = mask[:, :: self.time_stride].transpose(1, 2)
        share = self._by_window(signal).clamp(min=1e-3)
        mean = self._by_window(x * signal) / share
        power = self._by_window(x * x * signal) / share
        # The floor keeps the gradient of the root finite where a channel is constant.
        deviation = (power - mean * mean).clamp(min=1e-4).sqrt()
        logits: Tensor = self.head(self.dropout(torch.cat([mean, deviation], dim=1).transpose(1, 2)))
        return logits

    def _by_window(self, values: Tensor) -> Tensor:
        """[batch, channels, steps] → [batch, channels, windows]: means over each window."""
        return functional.avg_pool1d(values, WINDOW_FRAMES // self.time_stride, HOP_FRAMES // self.time_stride)
