"""cnn-2376: convolutions over the 108 frames that 2376 values are made of.

Window: the features look at 2.5 s from 0.6 s on, as the reference system does. Windows of 6 s every 2.5 s make one
window of an utterance, and of a long recording they leave nothing unheard.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..batches import FeatureAugmentation, WindowBatches
from ..classes import SEVEN
from ..graph_input import GraphInput
from ..layers import Normalise
from ..recipe import Recipe, TrainingSet
from ..torch_learner import TorchLearner
from ..windows import Window

FRAMES = 108
CEPSTRA = 20


class SequenceCnn(nn.Module):
    """[batch, 2376] → [batch, classes]: crossings of all frames, RMS of all frames, then cepstra frame by frame."""

    def __init__(self, sizes: SequenceCnnSizes, training: TrainingSet) -> None:
        super().__init__()
        self.normalise = Normalise(training, powers=("rms_",), noise=sizes.noise)
        layers: list[nn.Module] = []
        channels, length = CEPSTRA + 2, FRAMES
        for wider, kernel in zip(sizes.channels, sizes.kernels, strict=True):
            layers += [
                nn.Conv1d(channels, wider, kernel, 1, kernel // 2, bias=False),
                nn.BatchNorm1d(wider),
                nn.ReLU(),
                nn.MaxPool1d(2),
                nn.Dropout(sizes.dropout),
            ]
            channels, length = wider, length // 2
        self.stack = nn.Sequential(*layers)
        self.head = nn.Linear(2 * channels, len(training.classes.names))

    def forward(self, values: Tensor) -> Tensor:
        values = self.normalise(values)
        two = values[:, : 2 * FRAMES].reshape(-1, 2, FRAMES)
        cepstra = values[:, 2 * FRAMES :].reshape(-1, FRAMES, CEPSTRA).transpose(1, 2)
        x = self.stack(torch.cat([two, cepstra], dim=1))
        logits: Tensor = self.head(torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1))
        return logits


@dataclass(frozen=True)
class SequenceCnnSizes:
    """Sizes of the network: a convolution, a pooling by two and a dropout each."""

    channels: tuple[int, ...] = (48, 64, 96, 96)
    kernels: tuple[int, ...] = (5, 5, 3, 3)
    dropout: float = 0.2
    noise: float = 0.2
    """In deviations of each column, in training only."""

    def __call__(self, training: TrainingSet) -> nn.Module:
        return SequenceCnn(self, training)


RECIPE = Recipe(
    name="cnn-2376",
    version="0.1.0",
    description="Convolutions over 108 frames of crossings, RMS and 20 cepstra of 2.5 s, seven emotions",
    features="reference-2376",
    window=Window(6.0, 2.5, "window", min_s=0.7),
    input=GraphInput("sequences", ("batch", "columns")),
    output="logits",
    classes=SEVEN,
    learner=TorchLearner(
        SequenceCnnSizes(), WindowBatches(FeatureAugmentation(mixup=0.4)), epochs=30, peak_learning_rate=3e-3
    ),
    corpus_weight={"ravdess": 1.0, "tess": 0.3, "emodb": 1.0},
)
