"""Convolutions over frames of 40 cepstra: the network of mfcc-cnn and of gender."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from ..graph_input import GraphInput
from ..layers import Normalise, StatisticsPool
from ..recipe import TrainingSet
from ..windows import Window

WINDOW = Window(6.0, 3.0, "window")
"""Frames are centred and their floor depends on the loudest one, so a window is an utterance of its own."""
INPUT = GraphInput("mfcc", ("batch", "frames", "columns"), frames=259)
"""All frames of a window: 1 + ⌊6 s · 22,050 Hz / 512⌋. Shorter ones end in rows of 0, which the network leaves out."""


class CepstralCnn(nn.Module):
    """[batch, frames, 40] → [batch, classes]."""

    def __init__(self, sizes: CepstralCnnSizes, training: TrainingSet) -> None:
        super().__init__()
        self.normalise = Normalise(training, noise=sizes.noise)
        self.stride = sizes.stride
        channels = len(training.columns)
        self.convolutions, self.norms = nn.ModuleList(), nn.ModuleList()
        for index, wider in enumerate(sizes.channels):
            stride = sizes.stride if index == 0 else 1
            self.convolutions.append(nn.Conv1d(channels, wider, 5, stride, 2, bias=False))
            self.norms.append(nn.BatchNorm1d(wider))
            channels = wider
        self.dropout = nn.Dropout(sizes.dropout)
        self.pool = StatisticsPool()
        self.head = nn.Linear(2 * channels, len(training.classes.names))

    def forward(self, cepstra: Tensor) -> Tensor:
        signal = (cepstra.abs().amax(dim=2, keepdim=True) > 0.0).to(cepstra.dtype).transpose(1, 2)
        x = self.normalise(cepstra).transpose(1, 2) * signal
        for index, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            x = functional.relu(norm(convolution(x)))
            if index == 0:
                signal = signal[:, :, :: self.stride]
            elif index < len(self.norms) - 1:
                x, signal = functional.max_pool1d(x, 2), signal[:, :, ::2][:, :, : x.shape[2] // 2]
            x = self.dropout(x)
        logits: Tensor = self.head(self.pool(x, signal))
        return logits


@dataclass(frozen=True)
class CepstralCnnSizes:
    """Sizes of the network: convolutions of five; the first in steps, those between followed by a pooling by two."""

    channels: tuple[int, ...]
    stride: int = 2
    """Of the first, in frames."""
    dropout: float = 0.2
    noise: float = 0.2
    """In deviations of each column, in training only."""

    def __call__(self, training: TrainingSet) -> nn.Module:
        return CepstralCnn(self, training)
