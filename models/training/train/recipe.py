"""What a recipe declares, and what a way of learning must offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from torch import Tensor

from .classes import Classes
from .features import Floats, Ints, Recording
from .graph_input import GraphInput
from .windows import Cutter, Window


class Model(Protocol):
    """A trained model."""

    @property
    def parameters(self) -> int:
        """Trained numbers, or numbers kept of the training data."""
        ...

    def outputs(self, inputs: Tensor) -> Floats:
        """[batch, classes] of what the exported graph gives, for inputs in the graph's axes."""
        ...

    def export(self, path: Path, example: Tensor) -> None:
        """Writes the graph; `example` is a batch of inputs in the graph's axes."""
        ...


class Watch(Protocol):
    """Told of every epoch. The model is given where it should be scored on held-out recordings: nothing reads that."""

    def __call__(self, epoch: int, learning_rate: float, loss: float, model: Model | None) -> None: ...


@dataclass(frozen=True)
class TrainingSet:
    """What one training hears."""

    recordings: Sequence[Recording]
    targets: Ints
    """[recordings]: class index."""
    weights: Floats
    """[recordings]: weight of the recording's corpus; copies of a recording share its weight with it."""
    classes: Classes
    columns: Sequence[str]
    """Names of the features' columns."""
    cutter: Cutter
    input: GraphInput


class Learner(Protocol):
    """A way of learning; a dataclass, so that its settings can stand in the card."""

    def fit(self, training: TrainingSet, seed: int, watch: Watch) -> Model:
        """Deterministic for a seed. Scaler, selection and all other fitting see `training` only."""
        ...


@dataclass(frozen=True)
class Recipe:
    """How one model is made."""

    name: str
    version: str
    description: str
    features: str
    """A named set of `undertone features --list`."""
    window: Window
    input: GraphInput
    output: str
    """Name of the graph's output."""
    classes: Classes
    learner: Learner
    corpus_weight: dict[str, float]
    """Weight of a recording of each corpus; a corpus that is not named is not trained on."""
    output_kind: Literal["logits", "probabilities"] = "logits"
    seed: int = 20261121
    largest_bytes: int = 3_000_000
    card: dict[str, Any] = field(default_factory=dict)
    """Further keys of the card, laid over those that the framework writes."""


def described(settings: object) -> object:
    """Settings as JSON: dataclasses become objects with their kind."""
    if is_dataclass(settings) and not isinstance(settings, type):
        fields = {key: described(getattr(settings, key)) for key in settings.__dataclass_fields__}
        return {"kind": type(settings).__name__, **fields}
    if isinstance(settings, dict):
        return {str(key): described(value) for key, value in settings.items()}
    if isinstance(settings, list | tuple):
        return [described(value) for value in settings]
    if settings is None or isinstance(settings, str | int | float | bool):
        return settings
    return getattr(settings, "__name__", repr(settings))
