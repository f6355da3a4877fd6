"""labels.csv in and out: what `undertone label` writes, and any CSV manifest with a column `file`."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

OWN_COLUMNS = ("parent", "changes")
"""Added to the columns that were read. `duplicate_of` is left out: it speaks of originals."""


class InputError(Exception):
    """What the user gave cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Labels:
    """A read labels.csv."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    folder: Path
    """Relative files start here."""

    def path(self, row: dict[str, str]) -> Path:
        """Absolute path of a row's recording; `..` and links are left as they are."""
        return Path(os.path.normpath(self.folder / row["file"]))


def read_labels(path: Path) -> Labels:
    """Raises InputError when it is not there, is no CSV of UTF-8, lacks the column `file`, or has no row."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            columns = tuple(reader.fieldnames or ())
            if "file" not in columns:
                raise InputError(f"Expected a column file in the header of {path} but received {','.join(columns)}")
            rows = tuple(dict(row) for row in reader)
    except OSError as error:
        raise InputError(f"Expected a labels.csv for --labels but received {path}: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"Expected CSV for --labels but received {path}: {error}") from error
    for line, row in enumerate(rows, 1):
        if None in row or None in row.values() or not row["file"]:
            raise InputError(f"Expected {len(columns)} values and a file in row {line} of {path}")
        if row.get("parent"):
            raise InputError(f"Expected originals in {path} but received a copy in row {line}: {row['file']}")
    if not rows:
        raise InputError(f"Expected at least one row in {path}")
    return Labels(columns, rows, path.absolute().parent)


def write_labels(path: Path, labels: Labels, rows: Iterable[dict[str, str]]) -> None:
    """Written beside and renamed: half a file is never found under the name."""
    kept = [column for column in labels.columns if column not in (*OWN_COLUMNS, "duplicate_of")]
    half = path.with_name(f".{path.name}.part")
    with half.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*kept, *OWN_COLUMNS], extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    half.replace(path)
