"""python -m quantise: the int8 variant of a model that `python -m train` has made. See ../README.md."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from train.errors import TrainError
from train.make import judge_all, prepare
from train.recipes import RECIPES

from .trainings import make_variant, variant_of


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m quantise", description=__doc__)
    parser.add_argument("recipe", choices=sorted(RECIPES), help="which recipe, of a network of convolutions")
    parser.add_argument("--labels", type=Path, action="append", required=True, help="as for python -m train")
    parser.add_argument("--work", type=Path, required=True, help="as for python -m train, which has been there")
    parser.add_argument("--out", type=Path, required=True, help="the variant's folder, e.g. ../undertone-s-int8")
    arguments = parser.parse_args()
    started = time.monotonic()

    def log(line: str) -> None:
        print(f"{time.monotonic() - started:7.0f} s  {line}", flush=True)

    recipe = RECIPES[arguments.recipe]
    try:
        material = prepare(recipe, arguments.labels, arguments.work, log)
        variant = variant_of(material)
        work = arguments.work / variant.recipe.name
        make_variant(material, arguments.work / recipe.name, work, arguments.out, log)
        judge_all(variant, arguments.labels, work, arguments.out, log)
    except TrainError as error:
        print(f"quantise: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
