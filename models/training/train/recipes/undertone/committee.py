"""Several networks as one: each learns by itself, and their probabilities are averaged inside the graph.

In:  as network.py. Out: the logarithm of the mean of the members' probabilities [batch, windows, classes].
While training, the members' logits [batch, members · windows, classes], each of which is held against the truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...recipe import TrainingSet
from .network import Network


@dataclass(frozen=True)
class Committee:
    """Sizes of the members; networks that see time at different strides err in different places."""

    members: tuple[Network, ...]

    def __call__(self, training: TrainingSet) -> CommitteeNet:
        return CommitteeNet([member(training) for member in self.members])


class CommitteeNet(nn.Module):
    """See the module's contract."""

    def __init__(self, members: list[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, logmel: Tensor) -> Tensor:
        logits = [member(logmel) for member in self.members]
        if self.training:
            return torch.cat(logits, dim=1)
        shares = torch.stack([functional.log_softmax(one, dim=2) for one in logits])
        return torch.logsumexp(shares, dim=0) - math.log(len(logits))
