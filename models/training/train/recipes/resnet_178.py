"""resnet-178: a one-dimensional residual network over 178 means, taken as a sequence of neighbours.

Window: the features look at 2.5 s from 0.6 s on, as the reference system does. Windows of 6 s every 2.5 s make one
window of an utterance, and of a long recording they leave nothing unheard.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from ..batches import FeatureAugmentation, WindowBatches
from ..classes import SEVEN
from ..graph_input import GraphInput
from ..layers import Normalise
from ..recipe import Recipe, TrainingSet
from ..torch_learner import TorchLearner
from ..windows import Window


class Residual(nn.Module):
    """Two convolutions of three and a sum (He et al. 2016), halving the length where channels change."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.first = nn.Conv1d(inputs, outputs, 3, stride, 1, bias=False)
        self.second = nn.Conv1d(outputs, outputs, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm1d(outputs), nn.BatchNorm1d(outputs)])
        self.short = nn.Identity() if stride == 1 else nn.Conv1d(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norms[0](self.first(x)))
        return functional.relu(self.short(x) + self.norms[1](self.second(y)))


class ResNet(nn.Module):
    """[batch, columns] → [batch, classes]. The position of a value is kept to the end: it says which value it is."""

    def __init__(self, sizes: ResNetSizes, training: TrainingSet) -> None:
        super().__init__()
        self.normalise = Normalise(training, powers=("mel_", "rms"), noise=sizes.noise)
        first, *rest = sizes.channels
        self.stem = nn.Sequential(nn.Conv1d(1, first, 7, 2, 3, bias=False), nn.BatchNorm1d(first), nn.ReLU())
        blocks: list[nn.Module] = []
        length, channels = (len(training.columns) + 1) // 2, first
        for wider in rest:
            blocks.append(Residual(channels, wider))
            length, channels = (length + 1) // 2, wider
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(
            nn.Flatten(), nn.Dropout(sizes.dropout), nn.Linear(length * channels, len(training.classes.names))
        )

    def forward(self, values: Tensor) -> Tensor:
        logits: Tensor = self.head(self.blocks(self.stem(self.normalise(values).unsqueeze(1))))
        return logits


@dataclass(frozen=True)
class ResNetSizes:
    """Sizes of the network."""

    channels: tuple[int, ...] = (24, 48, 96)
    dropout: float = 0.5
    noise: float = 0.2
    """In deviations of each column, in training only."""

    def __call__(self, training: TrainingSet) -> nn.Module:
        return ResNet(self, training)


RECIPE = Recipe(
    name="resnet-178",
    version="0.1.0",
    description="One-dimensional ResNet on 178 means of librosa features of 2.5 s, seven emotions",
    features="reference-178",
    window=Window(6.0, 2.5, "window", min_s=0.7),
    input=GraphInput("statistics", ("batch", "columns")),
    output="logits",
    classes=SEVEN,
    learner=TorchLearner(
        ResNetSizes(), WindowBatches(FeatureAugmentation(mixup=0.4)), epochs=30, peak_learning_rate=3e-3
    ),
    corpus_weight={"ravdess": 1.0, "tess": 0.3, "emodb": 1.0},
)
