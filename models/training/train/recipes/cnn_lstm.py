"""cnn-lstm: local feature blocks over rolling log-mel windows, time-distributed, then an LSTM over the windows.

The reference system at a size that trains on a CPU: blocks of convolution, batch norm, ELU, pooling and dropout, with
16/32/64/64 filters for 64/64/128/128, and a first convolution that steps by two.

Window: the features look at 3.07 s from 0.5 s on, as the reference system does. Windows of 6 s every 3 s make one
window of an utterance, and of a long recording they leave nothing unheard but its first half second.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from ..batches import FeatureAugmentation, WindowBatches
from ..classes import SEVEN
from ..graph_input import GraphInput
from ..layers import Normalise
from ..recipe import Recipe, TrainingSet
from ..torch_learner import TorchLearner
from ..windows import Window

FLOOR_DB = -80.0
"""Of the front-end: its levels are relative to the window's loudest value, and end here."""


class LocalBlock(nn.Sequential):
    """Local feature learning block: 3 × 3 convolution, batch norm, ELU, max-pooling, dropout."""

    def __init__(self, inputs: int, filters: int, stride: int, pool: int, dropout: float) -> None:
        super().__init__(
            nn.Conv2d(inputs, filters, 3, stride, 1, bias=False),
            nn.BatchNorm2d(filters),
            nn.ELU(),
            nn.MaxPool2d(pool),
            nn.Dropout(dropout),
        )


class CnnLstm(nn.Module):
    """[batch, steps, 128 frames, 128 bands] in dB → [batch, classes]."""

    def __init__(self, sizes: CnnLstmSizes, training: TrainingSet) -> None:
        super().__init__()
        self.normalise = Normalise(training)
        blocks: list[nn.Module] = []
        channels = 1
        for index, (filters, pool) in enumerate(zip(sizes.filters, sizes.pools, strict=True)):
            blocks.append(LocalBlock(channels, filters, 2 if index == 0 else 1, pool, sizes.dropout))
            channels = filters
        self.blocks = nn.Sequential(*blocks)
        self.lstm = nn.LSTM(channels, sizes.cells, batch_first=True)
        self.dropout = nn.Dropout(sizes.dropout)
        self.head = nn.Linear(sizes.cells, len(training.classes.names))

    def forward(self, logmel: Tensor) -> Tensor:
        _, steps, frames, bands = logmel.shape
        x = self.blocks(self.normalise(logmel).reshape(-1, 1, frames, bands))
        states, _ = self.lstm(x.reshape(-1, steps, x.shape[1]))
        logits: Tensor = self.head(self.dropout(states[:, -1]))
        return logits


@dataclass(frozen=True)
class CnnLstmSizes:
    """Sizes of the network. The first convolution steps by two, so that one 128 × 128 window ends as one vector."""

    filters: tuple[int, ...] = (16, 32, 64, 64)
    pools: tuple[int, ...] = (4, 4, 2, 2)
    cells: int = 96
    dropout: float = 0.2

    def __call__(self, training: TrainingSet) -> nn.Module:
        return CnnLstm(self, training)


RECIPE = Recipe(
    name="cnn-lstm",
    version="0.1.0",
    description="Time-distributed CNN and LSTM over rolling windows of 128 mel bands, seven emotions",
    features="reference-logmel-128",
    window=Window(6.0, 3.0, "window", pad_value=FLOOR_DB, min_s=0.7),
    input=GraphInput("logmel", ("batch", "steps", "frames", "columns"), frames=128, steps=5, step_hop_frames=64),
    output="logits",
    classes=SEVEN,
    learner=TorchLearner(
        CnnLstmSizes(),
        WindowBatches(FeatureAugmentation(time_masks=1, time_mask_frames=40, column_masks=1, column_mask_columns=16)),
        epochs=20,
        batch=32,
        peak_learning_rate=3e-3,
        averaging=0.99,
    ),
    corpus_weight={"ravdess": 1.0, "tess": 0.3, "emodb": 1.0},
)
