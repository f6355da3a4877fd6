"""Temperatures from out-of-fold logits: what the models of the folds say of recordings that they never heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .calibrate import fit_temperature
from .errors import TrainError
from .features import Recording
from .plan import Plan, Training
from .trainings import Held, Material, read_held


@dataclass(frozen=True)
class Temperature:
    value: float
    fitted_on: str


def temperatures(material: Material, plan: Plan, work: Path) -> dict[str, Temperature]:
    """For each training the temperature fitted on the out-of-fold logits of recordings that it does not hold out.

    So a fold's comes from the other folds, and no figure is printed at a temperature that saw what is judged.
    """
    folds = [t for t in plan.trainings if t.name.startswith("fold-")]
    held = [read_held(material, work, t.name) for t in folds]
    if not held:
        raise TrainError("Expected a training fold-1 … fold-5 to fit temperatures on but the plan has none")
    return {t.name: _fit(material, held, t) for t in plan.trainings}


def _fit(material: Material, held: list[Held], training: Training) -> Temperature:
    def usable(recording: Recording) -> bool:
        return not training.held_out.holds(recording)

    logits = np.concatenate([h.logits[_windows(h, usable)] for h in held])
    truth = np.concatenate([material.targets(h.recordings)[h.cut.owner][_windows(h, usable)] for h in held])
    seconds = np.concatenate([h.cut.seconds[_windows(h, usable)] for h in held]).astype(np.float64)
    if len(logits) == 0:
        return Temperature(1.0, "nothing: no other recordings are held out")
    speakers = {r.label.speaker for h in held for r in h.recordings if usable(r)}
    words = (
        f"out-of-fold logits of {len(logits)} windows of {len(speakers)} speakers; none of what this model is judged on"
    )
    return Temperature(round(fit_temperature(logits, truth, seconds), 4), words)


def _windows(held: Held, usable: Callable[[Recording], bool]) -> npt.NDArray[np.bool_]:
    """[windows]: whether the window's recording may be used."""
    return np.asarray([usable(r) for r in held.recordings], dtype=bool)[held.cut.owner]
