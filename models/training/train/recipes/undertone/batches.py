"""Random crops of whole recordings, warped and coloured; see augment.py."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from ...recipe import TrainingSet
from ...torch_learner import Batches, class_balanced
from .augment import Augmentation, colour, crop_and_warp, mask, noise, telephone
from .front_end import FLOOR


@dataclass(frozen=True)
class Crops:
    """Batches of random windows, every class as often as any other."""

    augmentation: Augmentation = field(default_factory=Augmentation)
    least_class: float = 0.0
    """See class_balanced."""

    def __call__(self, training: TrainingSet, batch: int) -> Batches:
        return _Crops(self, training, batch)


class _Crops:
    def __init__(self, settings: Crops, training: TrainingSet, batch: int) -> None:
        matrices = [r.values for r in training.recordings]
        # [recordings, longest, bands], padded with FLOOR.
        self.logmel = torch.full((len(matrices), max(map(len, matrices)), matrices[0].shape[1]), FLOOR)
        for row, values in enumerate(matrices):
            self.logmel[row, : len(values)] = torch.from_numpy(values)
        self.frames = torch.tensor([float(len(values)) for values in matrices])
        self.targets = torch.from_numpy(training.targets)
        self.classes = len(training.classes.names)
        self.weights = class_balanced(training, settings.least_class)
        self.augmentation = settings.augmentation
        self.input = training.input
        self.batch = batch
        # An epoch stands for the sum of the corpus weights.
        self.steps = max(1, int(training.weights.sum()) // batch)

    def draw(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        index = torch.multinomial(self.weights, self.batch, replacement=True, generator=generator)
        windows = crop_and_warp(self.logmel[index], self.frames[index], self.augmentation, generator)
        for change in (colour, noise, telephone, mask):
            windows = change(windows, self.augmentation, generator)
        return self.input.arrange(windows), functional.one_hot(self.targets[index], self.classes).float()
