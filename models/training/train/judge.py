"""Judging is the product's: this only writes which model judges what, and calls `undertone eval`."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .labels import write_judged
from .plan import Evaluation, HeldOut, Plan
from .trainings import Log, folder_of
from .undertone import REPOSITORY, run, undertone


def write_folds(plan: Plan, seed: int, work: Path) -> dict[str, Path]:
    """WORK/folds/<evaluation>.json for each evaluation, by name."""
    folder = work / "folds"
    folder.mkdir(parents=True, exist_ok=True)
    numbers = {training.name: training.number for training in plan.trainings}
    paths = {}
    for evaluation in plan.evaluations:
        content = {
            "schema": "undertone-folds/1",
            "split": evaluation.split,
            "rule": evaluation.rule,
            "seeds": [seed + numbers[fold.training] for fold in evaluation.folds],
            "folds": [
                {
                    "name": fold.training,
                    "model": os.path.relpath(folder_of(work, fold.training), folder),
                    **_named(fold.judged),
                }
                for fold in evaluation.folds
            ],
        }
        paths[evaluation.name] = folder / f"{evaluation.name}.json"
        paths[evaluation.name].write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return paths


def _named(judged: HeldOut) -> dict[str, Any]:
    return {
        key: sorted(names)
        for key, names in (("speakers", judged.speakers), ("corpora", judged.corpora), ("files", judged.files))
        if names
    }


KEPT = ("metrics.json", "*.csv")
"""Of an evaluation's folder; the page and the runs stay in WORK."""


def judge(
    evaluations: Sequence[Evaluation], folds: dict[str, Path], labels: Sequence[Path], work: Path, out: Path, log: Log
) -> None:
    """Runs every evaluation into WORK/evaluation/<name>, and copies its files to OUT/evaluation/<name>.

    Then the figures go from there into the card and the tables, for which OUT must be a folder of models/.
    """
    judged = work / "judged.csv"
    write_judged(labels, judged)
    for evaluation in evaluations:
        log(f"judging {evaluation.name}")
        folder = work / "evaluation" / evaluation.name
        merges = [f"--merge={one}={other}" for one, other in evaluation.merged]
        undertone("eval", "--folds", folds[evaluation.name], "--labels", judged, "--out", folder, "--quiet", *merges)
        kept = out / "evaluation" / evaluation.name
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for pattern in KEPT:
            for path in folder.glob(pattern):
                shutil.copyfile(path, kept / path.name)
    run(["node", str(REPOSITORY / "models" / "claims.mjs"), "--write"], "models/claims.mjs")
