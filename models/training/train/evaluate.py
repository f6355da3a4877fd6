"""Scores held-out speakers: folds by speaker, reserve speakers, and a corpus that was never heard.

A split's window logits are kept, so that the temperature can be fitted afterwards, always on other speakers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .calibrate import fit_temperature, softmax
from .dataset import Recording, of_speakers
from .fit import CurvePoint, fit, window_logits
from .metrics import Floats, Ints, confusion, uar
from .network import EmotionNet
from .recipe import Recipe
from .windows import cut_all, file_probabilities

Log = Callable[[str], None]


@dataclass(frozen=True)
class Scored:
    """Recordings of one split with the logits of their windows. `fold` is the fold of each recording, from 1."""

    split: str
    rule: str
    recordings: list[Recording]
    fold: list[int]
    logits: Floats
    """[windows, classes]"""
    owner: Ints
    """[windows]: index into recordings."""
    seconds: npt.NDArray[np.float32]
    """[windows]: real seconds, the weight in the recording's mean."""

    @property
    def truth(self) -> Ints:
        return np.asarray([r.target for r in self.recordings], dtype=np.int64)

    @property
    def window_fold(self) -> Ints:
        return np.asarray(self.fold, dtype=np.int64)[self.owner]

    def window_probabilities(self, temperature: Floats) -> Floats:
        """[windows, classes] at one temperature a window [windows]."""
        return softmax(self.logits / temperature[:, None])

    def probabilities(self, temperature: Floats) -> Floats:
        """[recordings, classes]: the mean that serving computes."""
        windows = self.window_probabilities(temperature)
        return file_probabilities(windows, self.owner, self.seconds, len(self.recordings))


@dataclass
class Curves:
    """Training curves of every network trained, by the name of the training run."""

    points: list[tuple[str, CurvePoint]] = field(default_factory=list)


def score(model: EmotionNet, recordings: Sequence[Recording], split: str, rule: str, fold: int = 1) -> Scored:
    """Every window of the recordings through the model."""
    windows, owner, seconds = cut_all(recordings)
    return Scored(
        split, rule, list(recordings), [fold] * len(recordings), window_logits(model, windows), owner, seconds
    )


def join(parts: Sequence[Scored]) -> Scored:
    """Splits tested by different networks as one."""
    starts = np.cumsum([0, *[len(p.recordings) for p in parts[:-1]]])
    return Scored(
        parts[0].split,
        parts[0].rule,
        [r for p in parts for r in p.recordings],
        [f for p in parts for f in p.fold],
        np.concatenate([p.logits for p in parts]),
        np.concatenate([p.owner + start for p, start in zip(parts, starts, strict=True)]),
        np.concatenate([p.seconds for p in parts]),
    )


def train_and_log(
    recordings: Sequence[Recording],
    recipe: Recipe,
    seed: int,
    name: str,
    curves: Curves,
    log: Log,
    held_out: Sequence[Recording] = (),
) -> EmotionNet:
    """Trains on the recordings of corpora that the recipe names; curves carry the held-out UAR, which nothing reads."""
    watched = cut_all(held_out) if held_out else None
    truth = np.asarray([r.target for r in held_out], dtype=np.int64)

    def held_out_uar(model: EmotionNet) -> float:
        assert watched is not None
        windows, owner, seconds = watched
        files = file_probabilities(softmax(window_logits(model, windows)), owner, seconds, len(held_out))
        return uar(confusion(truth, files.argmax(axis=1), files.shape[1]))

    def on_epoch(point: CurvePoint) -> None:
        curves.points.append((name, point))
        if point.held_out_uar is not None or point.epoch == recipe.epochs:
            shown = "" if point.held_out_uar is None else f", held-out UAR {point.held_out_uar:.3f}"
            log(f"{name}: epoch {point.epoch}, loss {point.loss:.3f}{shown}")

    chosen = [r for r in recordings if r.corpus in recipe.corpus_weight]
    return fit(chosen, recipe, seed, on_epoch, held_out_uar if watched is not None else None)


def cross_validate(recordings: Sequence[Recording], recipe: Recipe, curves: Curves, log: Log) -> Scored:
    """One network a fold, each scored on speakers that it never heard."""
    parts = []
    for number, speakers in enumerate(recipe.folds, start=1):
        held = frozenset(speakers)
        test = of_speakers(recordings, held)
        train = [r for r in recordings if r.speaker not in held]
        seed = recipe.seed + number
        model = train_and_log(train, recipe, seed, f"fold-{number}", curves, log, test)
        parts.append(score(model, test, "speaker-independent", fold_rule(recipe), number))
    return join(parts)


def fold_rule(recipe: Recipe) -> str:
    groups = ", ".join(f"{{{', '.join(s.partition('-')[2] for s in fold)}}}" for fold in recipe.folds)
    corpus = recipe.folds[0][0].partition("-")[0]
    others = " and ".join(c for c in recipe.corpus_weight if c != corpus)
    return f"{corpus} speakers in folds {groups}; {others} on the training side only"


def cross_corpus(recordings: Sequence[Recording], recipe: Recipe, curves: Curves, log: Log) -> Scored | None:
    """A network that never heard `recipe.cross_corpus`, scored on all of it; the reserve speakers stay out."""
    corpus = recipe.cross_corpus
    if corpus is None:
        return None
    held = [r for r in recordings if r.corpus == corpus]
    train = [r for r in recordings if r.corpus != corpus and r.speaker not in recipe.reserve]
    seed = recipe.seed + len(recipe.folds) + 1
    model = train_and_log(train, recipe, seed, f"without-{corpus}", curves, log, held)
    others = " and ".join(c for c in recipe.corpus_weight if c != corpus)
    return score(model, held, "cross-corpus", f"trained on {others}, tested on all of {corpus}")


def temperature_of(scored: Scored, windows: npt.NDArray[np.bool_]) -> float:
    """Fitted on the chosen windows [windows] of a split."""
    truth = scored.truth[scored.owner][windows]
    return fit_temperature(scored.logits[windows], truth, scored.seconds[windows].astype(np.float64))


def cross_fitted_temperatures(scored: Scored) -> dict[int, float]:
    """For each fold the temperature fitted on the other folds' speakers."""
    folds = sorted(set(scored.fold))
    return {fold: temperature_of(scored, scored.window_fold != fold) for fold in folds}
