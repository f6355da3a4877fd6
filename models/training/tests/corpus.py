"""A small made-up corpus: labels.csv and the features that `undertone features` would write for it."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from train.classes import EMOTIONS

SPEAKERS = (
    *(f"ravdess-{actor:02d}" for actor in (1, 2, 5, 6, 9, 13, 17, 19, 20)),
    "tess-OAF",
    *(f"emodb-{name}" for name in ("03", "08", "12", "13", "14")),
)


def write_labels(folder: Path, speakers: Sequence[str] = SPEAKERS) -> Path:
    """A recording of every emotion a speaker, boredom and calm included; two speakers are male, the next two female."""
    path = folder / "labels.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        rows = csv.writer(handle)
        rows.writerow(("corpus", "file", "speaker", "gender", "emotion"))
        for number, speaker in enumerate(speakers):
            corpus, _, name = speaker.partition("-")
            for emotion in EMOTIONS:
                file = f"{corpus}/{name}/{emotion}.wav"
                rows.writerow((corpus, file, speaker, "male" if number % 4 < 2 else "female", emotion))
    return path


def write_features(labels: Path, out: Path, columns: int, frames: bool, set_name: str = "made-up") -> None:
    """Statistics, or frames of 10 ms; each class has its own mean, so that there is something to learn."""
    out.mkdir(parents=True)
    generator = np.random.default_rng(0)
    names = [f"column_{c}" for c in range(columns)]
    header = ["file", "frames", "duration_s", "npy", "status", *([] if frames else names)]
    with labels.open(newline="", encoding="utf-8") as handle:
        labelled = list(csv.DictReader(handle))
    with (out / "features.csv").open("w", newline="", encoding="utf-8") as handle:
        table = csv.writer(handle)
        table.writerow(header)
        for number, row in enumerate(labelled):
            count = int(generator.integers(120, 420)) if frames else 1
            centre = EMOTIONS.index(row["emotion"]) + np.arange(columns) % 3
            values = (centre + 0.3 * generator.standard_normal((count, columns)) - 8.0).astype(np.float32)
            seconds = f"{(count * 160 + 240) / 16000:.3f}" if frames else "2.000"
            npy = f"{number}.npy" if frames else ""
            if frames:
                np.save(out / npy, values)
            table.writerow([f"./{row['file']}", count, seconds, npy, "ok", *([] if frames else values[0].tolist())])
    front_end = {"sampleRateHz": 16000, "frame": {"hopSamples": 160}}
    description = {"set": set_name, "columns": names, "frontEnd": front_end, "undertone": "0"}
    (out / "features.json").write_text(json.dumps(description), encoding="utf-8")
    (out / "run.json").write_text(json.dumps({"root": str(labels.parent)}), encoding="utf-8")
