"""Makes the copies: one recording at a time, in as many processes as asked for, in the order of labels.csv."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from .changes import Given, changed
from .labels import InputError, Labels
from .transforms import Samples

FULL_SCALE = 32767
SHORTEST_S = 0.25
"""Shorter recordings are not copied: models do not label them, and a time shift would leave their ends."""


@dataclass(frozen=True)
class Job:
    """What is done to every recording."""

    out: Path
    copies: int
    seed: int
    names: tuple[str, ...]
    given: Given


@dataclass(frozen=True)
class Parent:
    """A recording to copy."""

    row: dict[str, str]
    path: Path
    target: str
    """Path of its copies in the output folder, without what numbers them."""


@dataclass(frozen=True)
class Outcome:
    """The rows of a recording's copies, or why there are none."""

    parent: Parent
    rows: tuple[dict[str, str], ...]
    error: str | None


def parents_of(labels: Labels) -> list[Parent]:
    """Copies lie in the output folder as their parents lie under the folder that holds them all."""
    paths = [labels.path(row) for row in labels.rows]
    top = Path(os.path.commonpath([path.parent for path in paths]))
    seen: set[Path] = set()
    for path in paths:
        if path in seen:
            raise InputError(f"Expected each recording once in --labels but received {path} twice")
        seen.add(path)
    return [Parent(row, path, path.relative_to(top).as_posix()) for row, path in zip(labels.rows, paths, strict=True)]


def noise_files(folder: Path) -> tuple[str, ...]:
    """Files of the folder and those under it, in order of name. Raises InputError for one that is no sound."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
    if not files:
        raise InputError(f"Expected a folder of recordings for --noise-folder but received {folder}")
    for file in files:
        try:
            samples, _ = soundfile.read(file, dtype="float32")
        except (OSError, soundfile.SoundFileError) as error:
            raise InputError(f"Expected recordings only in --noise-folder but received {file}: {error}") from error
        if not np.any(np.abs(samples) > 1e-4):
            raise InputError(f"Expected sound in every file of --noise-folder but received silence: {file}")
    return tuple(str(file) for file in files)


def read_mono(content: bytes) -> tuple[Samples, int]:
    """Samples [n] at −1 … 1, the mean of the channels, and their rate in Hz. Raises ValueError for too little sound."""
    samples, rate_hz = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    if len(samples) < SHORTEST_S * rate_hz:
        raise ValueError(f"it holds {len(samples) / rate_hz:.3f} s of audio, less than {SHORTEST_S} s")
    if not np.isfinite(samples).all():
        raise ValueError("it holds samples that are no numbers")
    return np.ascontiguousarray(samples.mean(axis=1)), rate_hz


def seed_of(seed: int, content: bytes, copy: int) -> int:
    """By what the recording holds, not where it lies or when its turn is."""
    digest = hashlib.sha256(f"{seed}:{copy}:".encode() + hashlib.sha256(content).digest())
    return int.from_bytes(digest.digest()[:8], "big")


def write_wav(path: Path, samples: Samples, rate_hz: int) -> None:
    """16-bit, mono; turned down as a whole where it would clip."""
    peak = max(1.0, float(np.abs(samples).max()))
    whole = np.round(samples.astype(np.float64) / peak * FULL_SCALE).astype(np.int16)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    soundfile.write(half, whole, rate_hz, format="WAV", subtype="PCM_16")
    half.replace(path)


def copy_one(parent: Parent, job: Job) -> Outcome:
    """All copies of a recording. What is wrong with it is told, never thrown: the others go on."""
    rows: list[dict[str, str]] = []
    try:
        content = parent.path.read_bytes()
        samples, rate_hz = read_mono(content)
        for copy in range(1, job.copies + 1):
            result, applied = changed(samples, rate_hz, job.names, job.given, seed_of(job.seed, content, copy))
            name = f"{parent.target}.copy{copy}.wav"
            write_wav(job.out / name, result, rate_hz)
            rows.append({**parent.row, "file": name, "parent": str(parent.path), "changes": ";".join(applied)})
    except Exception as error:  # Decoders and transforms raise what they like.
        for row in rows:
            (job.out / row["file"]).unlink()
        reason = (str(error) or type(error).__name__).splitlines()[0]
        return Outcome(parent, (), reason)
    return Outcome(parent, tuple(rows), None)


_job: Job | None = None


def _begin(job: Job) -> None:
    global _job
    _job = job
    warnings.simplefilter("ignore")  # the library warns of clipping on the way; write_wav sees to it


def _copy(parent: Parent) -> Outcome:
    if _job is None:
        raise RuntimeError("a worker began without its job")
    return copy_one(parent, _job)


def copy_all(parents: list[Parent], job: Job, workers: int) -> Iterator[Outcome]:
    """Outcomes in the order of `parents`, whatever the number of processes."""
    if workers == 1:
        _begin(job)
        yield from map(_copy, parents)
        return
    with multiprocessing.get_context("spawn").Pool(workers, _begin, (job,)) as pool:
        yield from pool.imap(_copy, parents, chunksize=4)
