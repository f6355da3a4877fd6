"""undertone-s: small and fast, for archives on CPUs."""

from __future__ import annotations

from ..classes import SEVEN
from ..graph_input import GraphInput
from ..recipe import Recipe
from ..torch_learner import TorchLearner
from ..windows import Window
from .undertone.batches import Crops
from .undertone.front_end import FLOOR, HOP_S, WINDOW_FRAMES, WINDOW_S
from .undertone.network import Network

RECIPE = Recipe(
    name="undertone-s",
    version="0.1.0",
    description="Small depthwise-separable CNN on 64 log-mel bands, seven emotions, for archives on CPUs",
    features="undertone-logmel-64",
    window=Window(WINDOW_S, HOP_S, "recording", pad_value=FLOOR),
    input=GraphInput("logmel", ("batch", "frames", "columns"), frames=WINDOW_FRAMES),
    output="logits",
    classes=SEVEN,
    learner=TorchLearner(Network(), Crops(), epochs=60),
    # Two talkers of TESS would otherwise be two fifths of everything heard.
    corpus_weight={"ravdess": 1.0, "tess": 0.3, "emodb": 1.0},
    largest_bytes=300_000,
)
