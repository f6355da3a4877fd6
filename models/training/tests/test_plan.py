"""Who is kept out of which training, and that copies follow their parents."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from train.features import Recording
from train.labels import Label
from train.plan import HeldOut, held_out_side, make_plan, random_files, training_side
from train.trainings import weights_of

from .small import SMALL


def recording(
    speaker: str, number: int, emotion: str = "happy", parent: Path | None = None, value: float | None = None
) -> Recording:
    corpus = speaker.partition("-")[0]
    path = Path(f"/data/{speaker}/{number}{'-copy' if parent else ''}.wav")
    values = np.full((1, 2), number if value is None else value, dtype=np.float32)
    return Recording(Label(path, corpus, speaker, "female", emotion, parent), 3.0, values)


SPEAKERS = [f"ravdess-{actor:02d}" for actor in range(1, 21)] + ["tess-YAF", "emodb-03", "emodb-12", "emodb-13"]
RECORDINGS = [recording(s, 100 * n + k, ("happy", "sad")[k % 2]) for n, s in enumerate(SPEAKERS) for k in range(10)]


def test_no_training_hears_what_it_is_judged_on() -> None:
    plan = make_plan(RECORDINGS)
    held_out = {training.name: training.held_out for training in plan.trainings}
    for evaluation in plan.evaluations:
        judged = 0
        for fold in evaluation.folds:
            heard = training_side(RECORDINGS, held_out[fold.training])
            assert not [r for r in heard if fold.judged.holds(r)]
            judged += sum(fold.judged.holds(r) for r in RECORDINGS)
        assert judged > 0


def test_every_actor_is_judged_once_by_the_folds() -> None:
    headline = make_plan(RECORDINGS).evaluations[0]
    named = [speaker for fold in headline.folds for speaker in sorted(fold.judged.speakers)]
    assert named == [f"ravdess-{actor:02d}" for actor in range(1, 21)]


def test_a_corpus_that_is_not_there_costs_its_training_and_evaluation() -> None:
    plan = make_plan([r for r in RECORDINGS if r.label.corpus == "ravdess"])
    assert plan.skipped == ("without-emodb", "without-tess")
    assert [e.name for e in plan.evaluations] == [
        "ravdess-speaker-independent",
        "ravdess-random-files",
        "ravdess-reserve-speakers",
        "ravdess-speaker-independent-seven-classes",
        "ravdess-random-files-seven-classes",
    ]


def test_random_files_are_a_fifth_of_each_emotion_and_the_same_every_time() -> None:
    files = random_files(RECORDINGS)
    assert files == random_files(list(reversed(RECORDINGS)))
    drawn = [r.label.emotion for r in RECORDINGS if r.name in files]
    assert (drawn.count("happy"), drawn.count("sad")) == (20, 20)
    assert all(name.startswith("ravdess") for name in files)


def test_the_same_sound_under_two_names_stays_on_one_side() -> None:
    pairs = [recording("ravdess-01", k, value=float(k // 2)) for k in range(100)]
    files = random_files(pairs)
    assert len(files) == 20
    for k in range(0, 100, 2):
        assert (pairs[k].name in files) == (pairs[k + 1].name in files)


def test_copies_follow_their_parent_and_are_never_scored() -> None:
    parent, other = recording("ravdess-01", 1), recording("ravdess-05", 2)
    # A copy that claims to be of another speaker is its parent's all the same.
    copies = [recording("ravdess-05", 1, parent=parent.path), recording("ravdess-05", 2, parent=other.path)]
    held_out = HeldOut(speakers=frozenset({"ravdess-01"}))
    everything = [parent, other, *copies]
    assert training_side(everything, held_out) == [other, copies[1]]
    assert held_out_side(everything, held_out) == [parent]
    weights = weights_of(SMALL["svm-stats"].recipe, [other, copies[1], parent])
    assert weights.tolist() == [0.5, 0.5, 1.0]
