"""python -m train <model> --features <dir> --out <dir>: trains, evaluates and writes one model's folder."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import torch

from .dataset import FeatureError
from .export import ExportError
from .make import make
from .recipe import RECIPES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    parser.add_argument("model", choices=sorted(RECIPES), help="which recipe")
    parser.add_argument("--features", type=Path, required=True, help="what `undertone features --formats npy` wrote")
    parser.add_argument("--out", type=Path, required=True, help="the model's folder, e.g. ../undertone-s")
    parser.add_argument(
        "--threads", type=int, default=2, help="threads of PyTorch (default 2); part of what is repeated"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    started = time.monotonic()

    def log(line: str) -> None:
        print(f"{time.monotonic() - started:7.0f} s  {line}", flush=True)

    try:
        make(RECIPES[arguments.model], arguments.features, arguments.out, log)
    except (FeatureError, ExportError) as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
