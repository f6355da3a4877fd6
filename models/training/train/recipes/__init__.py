"""Every recipe. A new model is a file here and one more line in the list."""

from __future__ import annotations

from . import svm_stats, undertone_s

RECIPES = {
    recipe.name: recipe
    for recipe in (
        svm_stats.RECIPE,
        undertone_s.RECIPE,
    )
}
