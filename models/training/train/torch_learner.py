"""Trains a PyTorch network for a fixed number of epochs; nothing is chosen on held-out recordings.

Out: the exponential moving average of the weights. Deterministic for a seed on one kind of machine and number of
threads.
A recipe brings its network and its batches; see Network and Batches.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .features import Floats
from .graph_input import GraphInput
from .onnx_file import export_torch
from .recipe import Model, TrainingSet, Watch

WARM_UP = 0.15
"""Share of the steps in which the learning rate rises (one cycle, Smith & Topin 2018)."""
GRADIENT_NORM = 2.0
SCORE_EVERY = 5
"""Epochs between two scores of the held-out recordings."""


class Network(Protocol):
    """Sizes of a network, a dataclass; called, it builds the network for what is trained on.

    Normalisation is part of the network: it takes features as they are, in the graph's axes.
    """

    def __call__(self, training: TrainingSet) -> nn.Module: ...


class Batches(Protocol):
    """Draws training batches; all that is random comes from the generator."""

    steps: int
    """Batches that an epoch stands for."""

    def draw(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Inputs in the graph's axes [batch, …] and shares of the classes [batch, classes]."""
        ...


class BatchMaker(Protocol):
    """Settings of Batches, a dataclass; called, it prepares them."""

    def __call__(self, training: TrainingSet, batch: int) -> Batches: ...


def device() -> torch.device:
    """The GPU where PyTorch sees one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass
class TorchModel:
    """A trained network."""

    network: nn.Module
    input: GraphInput
    output_name: str
    opset: int

    @property
    def parameters(self) -> int:
        return sum(p.numel() for p in self.network.parameters())

    def outputs(self, inputs: Tensor, batch: int = 64) -> Floats:
        self.network.eval()
        on = next(self.network.parameters()).device
        with torch.inference_mode():
            parts = [by_window(self.network(part.to(on))).cpu() for part in torch.split(inputs, batch)]
        return np.asarray(torch.cat(parts).double().numpy())

    def export(self, path: Path, example: Tensor) -> None:
        network = copy.deepcopy(self.network).cpu().eval()
        export_torch(network, example, path, self.input, self.output_name, self.opset)


@dataclass(frozen=True)
class TorchLearner:
    """How a network is trained: AdamW, one cycle of the learning rate, averaged weights."""

    network: Network
    batches: BatchMaker
    epochs: int = 60
    batch: int = 64
    peak_learning_rate: float = 4e-3
    weight_decay: float = 2e-2
    label_smoothing: float = 0.1
    averaging: float = 0.995
    """Decay of the exponential moving average of the weights; the averaged weights are the model."""
    output: str = "logits"
    opset: int = 17

    def fit(self, training: TrainingSet, seed: int, watch: Watch) -> Model:
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        on = device()
        network = self.network(training).to(on)
        # Depthwise convolutions run half again as fast in this layout.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        average = copy.deepcopy(network).eval()
        batches = self.batches(training, self.batch)
        optimiser = self._optimiser(network)
        # The scheduler divides by the length of its phases: a smoke test of a few steps needs room in each.
        total = max(10, batches.steps * self.epochs)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, self.peak_learning_rate, total_steps=total, pct_start=WARM_UP
        )
        model = TorchModel(average, training.input, self.output, self.opset)
        done = 0
        for epoch in range(1, self.epochs + 1):
            network.train()
            losses = []
            for _ in range(batches.steps):
                inputs, shares = batches.draw(generator)
                shares = shares * (1.0 - self.label_smoothing) + self.label_smoothing / shares.shape[1]
                outputs = by_window(network(inputs.to(on)))
                # Networks that learn side by side each have the truth to themselves.
                shares = shares.repeat_interleave(len(outputs) // len(shares), dim=0)
                loss = functional.cross_entropy(outputs, shares.to(on))
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_NORM)
                optimiser.step()
                schedule.step()
                done += 1
                update_average(average, network, min(self.averaging, done / (done + 9.0)))
                losses.append(float(loss.detach()))
            score = epoch % SCORE_EVERY == 0 or epoch == self.epochs
            watch(epoch, float(schedule.get_last_lr()[0]), float(np.mean(losses)), model if score else None)
        return model

    def _optimiser(self, network: nn.Module) -> torch.optim.Optimizer:
        kernels = [p for p in network.parameters() if p.ndim > 1]
        rest = [p for p in network.parameters() if p.ndim <= 1]
        groups = [{"params": kernels, "weight_decay": self.weight_decay}, {"params": rest, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=self.peak_learning_rate)


def by_window(outputs: Tensor) -> Tensor:
    """[batch, classes], or [batch, windows, classes] of a network that pools by window → [windows, classes]."""
    return outputs.flatten(0, -2)


def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """average ← decay · average + (1 − decay) · network, running statistics included."""
    with torch.no_grad():
        for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1.0 - decay)
            else:
                kept.copy_(new)


def class_balanced(training: TrainingSet, least: float = 0.0) -> Tensor:
    """[recordings]: sampling weights under which every class has the same sum.

    `least`: a class with less than this share of the largest class's weight is not raised beyond that share's level,
    so that a handful of recordings is not heard over and over.
    """
    targets = torch.from_numpy(training.targets)
    weights = torch.from_numpy(training.weights).float()
    of_class = torch.zeros(len(training.classes.names)).index_add_(0, targets, weights)
    return weights / of_class.clamp(min=least * float(of_class.max()))[targets]
