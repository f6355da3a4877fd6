"""undertone-s: small and fast, for archives on CPUs."""

from __future__ import annotations

from ..classes import NINE
from ..recipe import Recipe
from ..torch_learner import TorchLearner
from .undertone.batches import Crops
from .undertone.front_end import CORPUS_WEIGHT, INPUT, WINDOW
from .undertone.network import Network

RECIPE = Recipe(
    name="undertone-s",
    version="0.2.0",
    description="Small CNN on 64 log-mel bands whose windows share a trunk: nine emotions, for archives on CPUs",
    features="undertone-logmel-64",
    window=WINDOW,
    input=INPUT,
    output="logits",
    classes=NINE,
    learner=TorchLearner(
        Network(stem_channels=16, channels=32, embedding=128, temporal_blocks=3, time_strides=(5, 2), dropout=0.3),
        Crops(least_class=0.25),
        epochs=45,
    ),
    corpus_weight=CORPUS_WEIGHT,
    largest_bytes=600_000,
)
