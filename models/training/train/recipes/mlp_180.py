"""mlp-180: one hidden layer on means of cepstra, chroma and mel powers of what an envelope gate leaves."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from ..batches import FeatureAugmentation, WindowBatches
from ..classes import SEVEN
from ..graph_input import GraphInput
from ..layers import Normalise
from ..recipe import Recipe, TrainingSet
from ..torch_learner import TorchLearner
from ..windows import Window


@dataclass(frozen=True)
class Mlp:
    """Sizes of the network."""

    hidden: int = 300
    dropout: float = 0.4
    noise: float = 0.2
    """In deviations of each column, in training only."""

    def __call__(self, training: TrainingSet) -> nn.Module:
        return nn.Sequential(
            Normalise(training, powers=("mel_",), noise=self.noise),
            nn.Linear(len(training.columns), self.hidden),
            nn.BatchNorm1d(self.hidden),
            nn.ReLU(),
            nn.Dropout(self.dropout),
            nn.Linear(self.hidden, len(training.classes.names)),
        )


RECIPE = Recipe(
    name="mlp-180",
    version="0.1.0",
    description="One hidden layer of 300 on 180 means of cepstra, chroma and mel powers, seven emotions",
    features="reference-180",
    window=Window(6.0, 3.0, "window"),
    input=GraphInput("statistics", ("batch", "columns")),
    output="logits",
    classes=SEVEN,
    learner=TorchLearner(Mlp(), WindowBatches(FeatureAugmentation(mixup=0.4)), epochs=100),
    corpus_weight={"ravdess": 1.0, "tess": 0.3, "emodb": 1.0},
)
