"""Each recipe cut down to a size that a test can afford."""

from __future__ import annotations

from dataclasses import dataclass, replace

from train.recipe import Recipe
from train.recipes import RECIPES
from train.recipes.cnn_lstm import CnnLstmSizes
from train.recipes.melspec_densenet import DenseNetSizes
from train.recipes.svm_stats import SvmLearner
from train.recipes.undertone.committee import Committee
from train.recipes.undertone.network import Network
from train.torch_learner import Network as AnyNetwork
from train.torch_learner import TorchLearner


@dataclass(frozen=True)
class Small:
    recipe: Recipe
    columns: int


def _epoch(name: str, network: AnyNetwork | None = None) -> Recipe:
    """One epoch of small batches."""
    recipe = RECIPES[name]
    assert isinstance(recipe.learner, TorchLearner)
    learner = replace(recipe.learner, epochs=1, batch=16, network=network or recipe.learner.network)
    return replace(recipe, learner=learner)


_TINY = Network(stem_channels=4, channels=8, embedding=8, temporal_blocks=1, time_strides=(5, 2), dropout=0.1)
_TINY_PAIR = Committee((_TINY, replace(_TINY, time_strides=(3, 2))))

SMALL = {
    "cnn-2376": Small(_epoch("cnn-2376"), 2376),
    "cnn-lstm": Small(_epoch("cnn-lstm", network=CnnLstmSizes((2, 4, 4, 4), cells=4)), 128),
    "gender": Small(_epoch("gender"), 40),
    "melspec-densenet": Small(_epoch("melspec-densenet", network=DenseNetSizes(4, 2, (1, 1))), 128),
    "mfcc-cnn": Small(_epoch("mfcc-cnn"), 40),
    "mlp-180": Small(_epoch("mlp-180"), 180),
    "resnet-178": Small(_epoch("resnet-178"), 178),
    "svm-stats": Small(replace(RECIPES["svm-stats"], learner=SvmLearner(components=4)), 6),
    "undertone-m": Small(_epoch("undertone-m", network=_TINY_PAIR), 64),
    "undertone-s": Small(_epoch("undertone-s", network=_TINY), 64),
}
