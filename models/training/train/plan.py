"""Which trainings a recipe takes, who is kept out of each, and which evaluations come of them.

One set of trainings serves all evaluations, so that no model is trained more often than needed. Every recipe has the
same plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from .features import Recording

SPLIT_SEED = 20261121
"""Of the random split: the same files are held out whatever the recipe."""
RANDOM_SHARE = 0.2

Split = Literal["speaker-independent", "cross-corpus", "random-files", "reserve-speakers"]


@dataclass(frozen=True)
class HeldOut:
    """Recordings that a training never hears: those of these speakers, corpora and files."""

    speakers: frozenset[str] = frozenset()
    corpora: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    """By Recording.name."""

    def holds(self, recording: Recording) -> bool:
        label = recording.label
        return label.speaker in self.speakers or label.corpus in self.corpora or recording.name in self.files


@dataclass(frozen=True)
class Training:
    """One model to train."""

    name: str
    held_out: HeldOut
    number: int
    """From 0; added to the recipe's seed."""


@dataclass(frozen=True)
class Fold:
    """Recordings of an evaluation, and the training that judges them."""

    training: str
    judged: HeldOut


@dataclass(frozen=True)
class Evaluation:
    """One call of `undertone eval --folds`."""

    name: str
    split: Split
    rule: str
    folds: tuple[Fold, ...]
    merged: tuple[tuple[str, str], ...] = ()
    """Classes that are judged as another one, for models that tell them apart."""


@dataclass(frozen=True)
class Plan:
    trainings: tuple[Training, ...]
    evaluations: tuple[Evaluation, ...]
    skipped: tuple[str, ...] = field(default=())
    """Trainings that would hold out nothing, because the labels lack those recordings."""


FOLDS = 5
SHIPPED = "shipped"
_RESERVE = frozenset({"ravdess-19", "ravdess-20"})
_EMODB = {
    "fold-1": "emodb-03",
    "fold-2": "emodb-08",
    "fold-3": "emodb-09",
    "fold-4": "emodb-10",
    "fold-5": "emodb-11",
    "random": "emodb-12",
    SHIPPED: "emodb-13",
    "without-tess": "emodb-14",
}


def fold_actors(fold: int) -> frozenset[str]:
    """Four actors of RAVDESS; fold from 1."""
    return frozenset(f"ravdess-{actor:02d}" for actor in range(4 * fold - 3, 4 * fold + 1))


def make_plan(recordings: Sequence[Recording]) -> Plan:
    """The plan over these recordings; copies of recordings have no say in it."""
    originals = [r for r in recordings if r.label.parent is None]
    files = random_files(originals)
    held = {f"fold-{k}": HeldOut(fold_actors(k)) for k in range(1, FOLDS + 1)}
    held["random"] = HeldOut(files=files)
    held[SHIPPED] = HeldOut(_RESERVE)
    held["without-tess"] = HeldOut(corpora=frozenset({"tess"}))
    held["without-emodb"] = HeldOut(corpora=frozenset({"emodb"}))
    judged = dict(held)
    for name, speaker in _EMODB.items():
        held[name] = HeldOut(held[name].speakers | {speaker}, held[name].corpora, held[name].files)
    missing = {name for name, who in held.items() if not any(who.holds(r) for r in originals)}
    trainings = tuple(Training(name, who, n) for n, (name, who) in enumerate(held.items()) if name not in missing)
    there = {(t.name, r.path) for t in trainings for r in originals if t.held_out.holds(r)}
    evaluations = []
    for one in _evaluations(judged):
        folds = tuple(
            fold
            for fold in one.folds
            if any((fold.training, r.path) in there and fold.judged.holds(r) for r in originals)
        )
        if folds:
            evaluations.append(replace(one, folds=folds))
    return Plan(trainings, tuple(evaluations), tuple(sorted(missing)))


def _evaluations(judged: dict[str, HeldOut]) -> list[Evaluation]:
    groups = ", ".join(f"{4 * k - 3:02d}–{4 * k:02d}" for k in range(1, FOLDS + 1))
    speaker_folds = tuple(Fold(f"fold-{k}", judged[f"fold-{k}"]) for k in range(1, FOLDS + 1))
    emodb = tuple(Fold(name, HeldOut(frozenset({speaker}))) for name, speaker in _EMODB.items())
    reserve = " and ".join(sorted(_RESERVE))
    whole = [
        Evaluation(
            "ravdess-speaker-independent",
            "speaker-independent",
            f"RAVDESS actors {groups}, each group by a model that never heard it",
            speaker_folds,
        ),
        Evaluation(
            "emodb-leave-one-speaker-out",
            "speaker-independent",
            "each Emo-DB speaker by a model that never heard that speaker",
            emodb,
        ),
        Evaluation(
            "ravdess-random-files",
            "random-files",
            "a fifth of the RAVDESS files, drawn by emotion; optimistic: same voices on both sides",
            (Fold("random", judged["random"]),),
        ),
        Evaluation(
            "ravdess-reserve-speakers",
            "reserve-speakers",
            f"the weights of this folder on {reserve}, which they never heard",
            (Fold(SHIPPED, judged[SHIPPED]),),
        ),
        Evaluation(
            "tess-cross-corpus",
            "cross-corpus",
            "all of TESS by a model that never heard TESS",
            (Fold("without-tess", judged["without-tess"]),),
        ),
        Evaluation(
            "emodb-cross-corpus",
            "cross-corpus",
            "all of Emo-DB, another language, by a model that never heard Emo-DB",
            (Fold("without-emodb", judged["without-emodb"]),),
        ),
    ]
    # Published systems know no calm: beside them a model that does is judged as one that does not.
    seven = [
        replace(
            one,
            name=f"{one.name}-seven-classes",
            rule=f"{one.rule}; calm is judged as neutral",
            merged=(("calm", "neutral"),),
        )
        for one in whole
        if one.name in ("ravdess-speaker-independent", "ravdess-random-files")
    ]
    return whole + seven


def random_files(originals: Sequence[Recording]) -> frozenset[str]:
    """Names of a fifth of the RAVDESS recordings, the same share of each emotion.

    Recordings with the very same features go together: RAVDESS has some twice under two names.
    """
    generator = np.random.default_rng(SPLIT_SEED)
    twins: dict[bytes, list[Recording]] = {}
    for recording in sorted((r for r in originals if r.label.corpus == "ravdess"), key=lambda r: r.name):
        twins.setdefault(recording.values.tobytes(), []).append(recording)
    by_emotion: dict[str, list[list[Recording]]] = {}
    for group in twins.values():
        by_emotion.setdefault(group[0].label.emotion, []).append(group)
    chosen: set[str] = set()
    for emotion in sorted(by_emotion):
        groups = by_emotion[emotion]
        for index in generator.permutation(len(groups))[: round(RANDOM_SHARE * len(groups))]:
            chosen.update(r.name for r in groups[index])
    return frozenset(chosen)


def training_side(recordings: Sequence[Recording], held_out: HeldOut) -> list[Recording]:
    """What a training may hear: a copy only where its parent may be heard, whatever the copy's own labels say."""
    kept_out: set[Path] = {r.path for r in recordings if r.label.parent is None and held_out.holds(r)}
    return [r for r in recordings if not held_out.holds(r) and (r.label.parent or r.path) not in kept_out]


def held_out_side(recordings: Sequence[Recording], held_out: HeldOut) -> list[Recording]:
    """What a training is scored on: never a copy."""
    return [r for r in recordings if r.label.parent is None and held_out.holds(r)]
