"""How windows become the input of a graph: what packages/inference/src/family does, from the same card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

GOLDEN_STRETCH = 3
"""Windows of a golden case that shows pooling by window."""


@dataclass(frozen=True)
class GraphInput:
    """A card's input.

    Without frames the model sees one row of statistics; with steps rolling windows of frames; with hop_frames the graph
    takes the frames under any number of windows and pools them by window itself.
    """

    name: str
    axes: tuple[str, ...]
    """In the graph's order: batch, frames, columns, steps and any number of one."""
    frames: int | None = None
    steps: int | None = None
    step_hop_frames: int | None = None
    hop_frames: int | None = None
    windows: int | None = None
    """With hop_frames: most windows that are served at once."""

    @property
    def family(self) -> str:
        if self.steps is not None:
            return "sequence"
        if self.hop_frames is not None:
            return "stretch"
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
            case "matrix" | "stretch":
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

    @property
    def open_axes(self) -> dict[int, str]:
        """Axes of the graph's input whose size is left open."""
        names = ("batch", "frames") if self.family == "stretch" else ("batch",)
        return {place: axis for place, axis in enumerate(self.axes) if axis in names}

    def shape(self, columns: int) -> list[int]:
        """The graph's input without the batch axis."""
        sizes = {"frames": self.frames, "steps": self.steps, "columns": columns, "one": 1}
        return [sizes[axis] or 1 for axis in self.axes if axis != "batch"]

    def longer_shape(self, columns: int) -> list[int] | None:
        """The same under GOLDEN_STRETCH windows, for graphs that pool by window."""
        if self.frames is None or self.hop_frames is None:
            return None
        frames = self.frames + (GOLDEN_STRETCH - 1) * self.hop_frames
        sizes = {"frames": frames, "columns": columns, "one": 1}
        return [sizes[axis] for axis in self.axes if axis != "batch"]

    def card(self) -> dict[str, Any]:
        sizes = {"frames": self.frames, "steps": self.steps, "stepHopFrames": self.step_hop_frames}
        sizes |= {"hopFrames": self.hop_frames, "windows": self.windows}
        given = {name: size for name, size in sizes.items() if size is not None}
        return {"name": self.name, "axes": list(self.axes), **given}
