"""Trains, judges and writes one model's folder: one command per recipe."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

# Before PyTorch starts CUDA: without it cuBLAS does not repeat itself.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

import torch

from .errors import TrainError
from .make import judge_all, make, prepare, try_out
from .recipes import RECIPES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    parser.add_argument("recipe", choices=sorted(RECIPES), help="which recipe")
    parser.add_argument(
        "--labels",
        type=Path,
        action="append",
        required=True,
        help="CSV that `undertone label` or `python -m augment` wrote; several times for several",
    )
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for features and trainings, outside the repository"
    )
    parser.add_argument("--out", type=Path, help="the model's folder, e.g. ../svm-stats")
    parser.add_argument(
        "--stage",
        choices=("all", "train", "judge"),
        default="all",
        help="train: all but judging; judge: `undertone eval` once more over the models in --work (default all)",
    )
    parser.add_argument(
        "--only",
        action="append",
        metavar="TRAINING",
        help="only train this, e.g. fold-1, print its scores, write nothing",
    )
    parser.add_argument(
        "--threads", type=int, default=2, help="threads of PyTorch (default 2); part of what is repeated"
    )
    arguments = parser.parse_args()
    if arguments.out is None and not arguments.only:
        parser.error("--out is needed, unless --only is given")
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    started = time.monotonic()

    def log(line: str) -> None:
        print(f"{time.monotonic() - started:7.0f} s  {line}", flush=True)

    recipe = RECIPES[arguments.recipe]
    work: Path = arguments.work / recipe.name
    try:
        material = prepare(recipe, arguments.labels, arguments.work, log, arguments.stage != "judge")
        if arguments.only:
            try_out(material, arguments.only, log)
            return 0
        if arguments.stage != "judge":
            make(material, work, arguments.out, log)
        if arguments.stage != "train":
            judge_all(material, arguments.labels, work, arguments.out, log)
    except TrainError as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
