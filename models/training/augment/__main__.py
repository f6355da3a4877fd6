"""python -m augment: changed copies of labelled recordings, for training. See ../README.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .changes import CHANGES, MOST_CHANGES, SNR_DB, Given
from .copies import Job, copy_all, noise_files, parents_of
from .labels import InputError, read_labels, write_labels

USAGE, SOME_FAILED = 2, 1


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"Expected a whole number from 1 on but received {text}")
    return int(text)


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"Expected a whole number but received {text}") from None


def _snr(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low, high = 1.0, 0.0
    if not -20.0 <= low <= high <= 100.0:
        raise argparse.ArgumentTypeError(
            f"Expected two numbers of dB between -20 and 100, low,high, but received {text}"
        )
    return low, high


def _names(text: str) -> tuple[str, ...]:
    names = text.split(",")
    for name in names:
        if name not in CHANGES:
            raise argparse.ArgumentTypeError(f"Expected some of {','.join(CHANGES)} but received {name}")
    return tuple(name for name in CHANGES if name in names)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m augment",
        description="Writes changed copies of labelled recordings: 16-bit mono WAV at the recording's rate, and a "
        "labels.csv that names each copy's parent. The same recording, seed and settings give the same bytes.",
        epilog=f"changes (a copy gets 1 to {MOST_CHANGES} of those allowed, in this order):\n"
        + "\n".join(f"  {name:<11} {change.what}" for name, change in CHANGES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--labels", type=Path, required=True, help="labels.csv of `undertone label`, or a CSV manifest")
    parser.add_argument("--out", type=Path, required=True, help="new or empty folder for the copies")
    parser.add_argument("--copies", type=_positive, default=1, help="copies of each recording (default: 1)")
    parser.add_argument("--seed", type=_seed, default=1, help="another seed gives other copies (default: 1)")
    parser.add_argument("--noise-folder", type=Path, help="folder of noises, for the change background")
    parser.add_argument("--snr-db", type=_snr, default=SNR_DB, metavar="LOW,HIGH", help="of noise and background")
    parser.add_argument("--only", type=_names, metavar="LIST", help="comma-separated names of changes (default: all)")
    parser.add_argument("--workers", type=_positive, default=1, help="processes (default: 1)")
    return parser.parse_args()


def _job(arguments: argparse.Namespace) -> Job:
    """Raises InputError when settings do not fit each other or the disk."""
    out: Path = arguments.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"Expected a new or empty folder for --out but received {out}")
    folder: Path | None = arguments.noise_folder
    names = arguments.only or tuple(name for name in CHANGES if name != "background" or folder)
    if "background" in names and folder is None:
        raise InputError("Expected a folder of recordings for --noise-folder (--only background) but received none")
    if folder is not None and "background" not in names:
        raise InputError(f"Expected background in --only (--noise-folder {folder}) but received {','.join(names)}")
    noises = noise_files(folder) if folder is not None else ()
    return Job(out.resolve(), arguments.copies, arguments.seed, names, Given(arguments.snr_db, noises))


def main() -> int:
    """Exit status 0; 1 when some recordings could not be copied (each is named); 2 for settings."""
    arguments = _arguments()
    try:
        labels = read_labels(arguments.labels)
        parents = parents_of(labels)
        job = _job(arguments)
        job.out.mkdir(parents=True, exist_ok=True)
    except (InputError, OSError) as error:
        print(error, file=sys.stderr)
        return USAGE
    rows: list[dict[str, str]] = []
    failed = 0
    for outcome in copy_all(parents, job, arguments.workers):
        rows.extend(outcome.rows)
        if outcome.error is not None:
            failed += 1
            print(f"Not copied: {outcome.parent.path}: {outcome.error}", file=sys.stderr)
    write_labels(job.out / "labels.csv", labels, rows)
    print(f"{len(rows)} copies of {len(parents) - failed} recordings in {job.out}; {failed} could not be copied")
    return SOME_FAILED if failed else 0


if __name__ == "__main__":
    sys.exit(main())
