"""What a model tells apart, and what becomes of a corpus's labels. Everything here stands in the card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .errors import TrainError
from .labels import Label

EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised", "boredom")

POLARITY: dict[str, dict[str, float]] = {
    "neutral": {"neutral": 1},
    "calm": {"neutral": 1},
    "happy": {"positive": 1},
    "sad": {"neutral": 0.5, "negative": 0.5},
    "angry": {"negative": 1},
    "fearful": {"negative": 1},
    "disgust": {"negative": 1},
    "surprised": {"positive": 0.5, "neutral": 0.5},
    "boredom": {"neutral": 0.5, "negative": 0.5},
}
"""Three-way reading after the six-class web apps that Undertone replaces. Those lack disgust, which is negative here,
and boredom, which is read as they read sad."""


@dataclass(frozen=True)
class Classes:
    """The classes of a model, in the order of its output."""

    names: tuple[str, ...]
    task: Literal["emotion", "gender"] = "emotion"
    merged: tuple[tuple[str, str], ...] = ()
    """Emotions that are trained and judged as another class."""
    dropped: tuple[str, ...] = ()
    """Emotions whose recordings are left out."""

    def target(self, label: Label) -> int | None:
        """Index of a recording's class; None where it is left out. Errors: TrainError for an unknown label."""
        if self.task == "gender":
            return self.names.index(label.gender) if label.gender in self.names else None
        name = dict(self.merged).get(label.emotion, label.emotion)
        if name in self.dropped or name == "":
            return None
        if name not in self.names:
            known = ", ".join(EMOTIONS)
            raise TrainError(f"Expected one of {known} for emotion of {label.path} but received {label.emotion!r}")
        return self.names.index(name)

    def card(self) -> dict[str, Any]:
        """classes, labelMap and polarity; task where it is not emotion."""
        if self.task == "gender":
            return {"task": self.task, "classes": list(self.names), "labelMap": {}, "polarity": None}
        merged = dict(self.merged)
        return {
            "classes": list(self.names),
            "labelMap": {e: None if e in self.dropped else merged.get(e, e) for e in EMOTIONS},
            "polarity": {name: POLARITY[name] for name in self.names},
        }


SEVEN = Classes(
    ("neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised"),
    merged=(("calm", "neutral"),),
    dropped=("boredom",),
)
NINE = Classes(EMOTIONS)
GENDERS = Classes(("female", "male"), task="gender")
