"""Every setting of every model made here: the one place where a value stands.

A new model is one more entry in RECIPES.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .augment import Augmentation


@dataclass(frozen=True)
class Stage:
    """One depthwise-separable block: channels out, and strides over time and frequency."""

    channels: int
    stride: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Network:
    """Sizes of the network; see network.py for what they mean."""

    stem_channels: int = 16
    stages: tuple[Stage, ...] = (Stage(32, (2, 2)), Stage(48, (2, 2)), Stage(48), Stage(64, (1, 2)), Stage(64))
    embedding: int = 96
    dropout: float = 0.3


@dataclass(frozen=True)
class Recipe:
    """How one model is trained and evaluated."""

    name: str
    version: str
    description: str
    corpus_weight: dict[str, float]
    """Weight of a recording of each corpus in sampling; a corpus that is not named is not trained on."""
    folds: tuple[tuple[str, ...], ...]
    """Speakers tested in each fold; everyone else is trained on."""
    reserve: tuple[str, ...]
    """Speakers that the shipped weights never see."""
    cross_corpus: str | None
    """Corpus tested by a model that never saw it, trained on all others; None skips it."""
    network: Network = field(default_factory=Network)
    augmentation: Augmentation = field(default_factory=Augmentation)
    epochs: int = 60
    batch: int = 64
    peak_learning_rate: float = 4e-3
    weight_decay: float = 2e-2
    label_smoothing: float = 0.1
    averaging: float = 0.995
    """Decay of the exponential moving average of the weights; the averaged weights are the model."""
    seed: int = 20261121


def _ravdess(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"ravdess-{actor:02d}" for actor in range(first, last + 1))


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="undertone-s",
            version="0.1.0",
            description="Small depthwise-separable CNN on 64 log-mel bands, seven emotions, for archives on CPUs",
            # Two talkers of TESS would otherwise be two fifths of everything heard.
            corpus_weight={"ravdess": 1.0, "tess": 0.3, "emodb": 1.0},
            folds=tuple(_ravdess(first, first + 3) for first in range(1, 20, 4)),
            reserve=_ravdess(19, 20),
            cross_corpus="emodb",
        ),
    )
}
