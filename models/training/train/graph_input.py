"""How windows become the input of a graph: what packages/inference/src/family does, from the same card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class GraphInput:
    """A card's input. Without frames the model sees one row of statistics, with steps rolling windows of frames."""

    name: str
    axes: tuple[str, ...]
    """In the graph's order: batch, frames, columns, steps and any number of one."""
    frames: int | None = None
    steps: int | None = None
    step_hop_frames: int | None = None

    @property
    def family(self) -> str:
        if self.steps is not None:
            return "sequence"
        return "vector" if self.frames is None else "matrix"

    @property
    def rows(self) -> int:
        """Rows of a window that reach the model."""
        if self.frames is None:
            return 1
        if self.steps is None:
            return self.frames
        return self.frames + (self.steps - 1) * (self.step_hop_frames or 0)

    def arrange(self, windows: Tensor) -> Tensor:
        """Windows [batch, rows, columns] in the graph's axes."""
        axes: tuple[str, ...]
        match self.family:
            case "vector":
                named, axes = windows[:, 0], ("batch", "columns")
            case "matrix":
                named, axes = windows, ("batch", "frames", "columns")
            case _:
                # unfold puts the frames of a step last.
                rolled = windows.unfold(1, self.frames or 0, self.step_hop_frames or 0)
                named, axes = rolled.transpose(2, 3), ("batch", "steps", "frames", "columns")
        named = named.permute([axes.index(axis) for axis in self.axes if axis != "one"])
        for place, axis in enumerate(self.axes):
            if axis == "one":
                named = named.unsqueeze(place)
        return named.contiguous()

    def shape(self, columns: int) -> list[int]:
        """The graph's input without the batch axis."""
        sizes = {"frames": self.frames, "steps": self.steps, "columns": columns, "one": 1}
        return [sizes[axis] or 1 for axis in self.axes if axis != "batch"]

    def card(self) -> dict[str, Any]:
        sizes = {"frames": self.frames, "steps": self.steps, "stepHopFrames": self.step_hop_frames}
        given = {name: size for name, size in sizes.items() if size is not None}
        return {"name": self.name, "axes": list(self.axes), **given}
