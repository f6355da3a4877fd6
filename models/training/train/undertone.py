"""Calls the product's own commands: features and figures come from nowhere else."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from .errors import TrainError

REPOSITORY = Path(__file__).resolve().parents[3]
PROGRAM = REPOSITORY / "packages" / "batch-runner" / "bin" / "undertone.js"


def undertone(*arguments: str | Path) -> None:
    """Runs `undertone`; its messages go to the terminal. Errors: TrainError with its exit status."""
    run(["node", str(PROGRAM), *map(str, arguments)], f"undertone {arguments[0]}")


def run(command: Sequence[str], name: str) -> None:
    """Errors: TrainError when the command cannot be started, or ends with anything but 0."""
    try:
        status = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise TrainError(f"{name} cannot be started: {error}") from error
    if status != 0:
        raise TrainError(f"Expected {name} to end with 0 but it ended with {status}")
