"""melspec-densenet: densely connected blocks on images of 128 mel bands, from scratch.

DenseNet after Huang et al. 2017, at a size for some thousand utterances; the reference system used one that had
learnt from photographs. Bands are not averaged away at the end: where energy lies along them still counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..batches import FeatureAugmentation, WindowBatches
from ..classes import SEVEN
from ..graph_input import GraphInput
from ..layers import Normalise, StatisticsPool
from ..recipe import Recipe, TrainingSet
from ..torch_learner import TorchLearner
from ..windows import Window

FLOOR_DB = -100.0
"""Of the front-end: 10 · log10 of 1e-10."""


class DenseLayer(nn.Module):
    """Batch norm, ReLU, 3 × 3 convolution; its `growth` channels are put behind what came in."""

    def __init__(self, inputs: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs)
        self.convolution = nn.Conv2d(inputs, growth, 3, 1, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.convolution(functional.relu(self.norm(x)))], dim=1)


class Transition(nn.Sequential):
    """Half the channels, half the frames and half the bands."""

    def __init__(self, inputs: int) -> None:
        super().__init__(
            nn.BatchNorm2d(inputs),
            nn.ReLU(),
            nn.Conv2d(inputs, inputs // 2, 1, bias=False),
            nn.AvgPool2d(2),
        )


class DenseNet(nn.Module):
    """[batch, frames, 128 bands] in dB → [batch, classes]. Padding is left out of all sums over frames."""

    def __init__(self, sizes: DenseNetSizes, training: TrainingSet) -> None:
        super().__init__()
        self.normalise = Normalise(training)
        self.stem = nn.Sequential(
            nn.Conv2d(1, sizes.stem, 5, 2, 2, bias=False), nn.BatchNorm2d(sizes.stem), nn.ReLU(), nn.MaxPool2d(2)
        )
        stages: list[nn.Module] = []
        channels, bands = sizes.stem, len(training.columns) // 4
        for index, layers in enumerate(sizes.layers):
            if index > 0:
                stages.append(Transition(channels))
                channels, bands = channels // 2, bands // 2
            for _ in range(layers):
                stages.append(DenseLayer(channels, sizes.growth))
                channels += sizes.growth
        self.stages = nn.Sequential(*stages)
        self.norm = nn.BatchNorm2d(channels)
        self.halvings = 1 + len(sizes.layers)
        self.dropout = nn.Dropout(sizes.dropout)
        self.pool = StatisticsPool()
        self.head = nn.Linear(2 * channels * bands, len(training.classes.names))

    def forward(self, logmel: Tensor) -> Tensor:
        signal = (logmel.amax(dim=2, keepdim=True) > FLOOR_DB + 0.01).to(logmel.dtype)
        x = self.normalise(logmel)
        # The level of a recording says more of the microphone than of the voice.
        level = (x * signal).sum(dim=1, keepdim=True).mean(dim=2, keepdim=True) / signal.sum(1, keepdim=True).clamp(1.0)
        x = self.stages(self.stem(((x - level) * signal).unsqueeze(1)))
        x = self.dropout(functional.relu(self.norm(x)).transpose(2, 3).flatten(1, 2))
        signal = signal[:, :: 2**self.halvings][:, : x.shape[2]].transpose(1, 2)
        logits: Tensor = self.head(self.pool(x, signal))
        return logits


@dataclass(frozen=True)
class DenseNetSizes:
    """Sizes of the network: channels of the stem, growth of a dense layer, dense layers of each block."""

    stem: int = 16
    growth: int = 12
    layers: tuple[int, ...] = (2, 3, 4)
    dropout: float = 0.3

    def __call__(self, training: TrainingSet) -> nn.Module:
        return DenseNet(self, training)


RECIPE = Recipe(
    name="melspec-densenet",
    version="0.1.0",
    description="Small DenseNet on images of 128 mel bands, seven emotions",
    features="librosa-logmel-128",
    window=Window(6.0, 3.0, "window", pad_value=FLOOR_DB),
    input=GraphInput("logmel", ("batch", "frames", "columns"), frames=259),
    output="logits",
    classes=SEVEN,
    learner=TorchLearner(
        DenseNetSizes(),
        WindowBatches(
            FeatureAugmentation(
                mixup=0.3, least_stretch=0.7, time_masks=1, time_mask_frames=20, column_masks=1, column_mask_columns=12
            )
        ),
        epochs=20,
        batch=32,
        peak_learning_rate=3e-3,
        averaging=0.99,
    ),
    corpus_weight={"ravdess": 1.0, "tess": 0.3, "emodb": 1.0},
)
