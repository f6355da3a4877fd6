"""What a user can put right; the command prints it as one sentence."""

from __future__ import annotations


class TrainError(Exception):
    """One sentence: what was expected, and what was found."""
