"""Labels from several files, and what of them is judged."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from train.errors import TrainError
from train.labels import read_labels, write_judged

HEADER = ("corpus", "file", "speaker", "gender", "emotion")


def write(path: Path, header: tuple[str, ...], *rows: tuple[str, ...]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([header, *rows])
    return path


def test_copies_name_their_parent_from_their_own_folder(tmp_path: Path) -> None:
    originals = write(tmp_path / "labels.csv", HEADER, ("tess", "a/b.wav", "OAF", "female", "sad"))
    copy = ("tess", "b-1.wav", "tess-OAF", "female", "sad", "../a/b.wav")
    copies = write(tmp_path / "copies/labels.csv", (*HEADER, "parent"), copy)
    first, second = read_labels([originals, copies])
    assert first.path == tmp_path / "a/b.wav"
    assert (first.parent, second.parent) == (None, first.path)
    assert first.speaker == second.speaker == "tess-OAF"
    write_judged([originals, copies], tmp_path / "judged.csv")
    with (tmp_path / "judged.csv").open(newline="", encoding="utf-8") as handle:
        assert [row["file"] for row in csv.DictReader(handle)] == [str(first.path)]
    with pytest.raises(TrainError, match=r"Expected the parent of .*b-1\.wav"):
        read_labels([copies])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="found no file"):
        read_labels([tmp_path / "labels.csv"])
