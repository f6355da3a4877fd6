"""Every recipe. A new model is a file here and one more line in the list."""

from __future__ import annotations

from . import cnn_2376, gender, mfcc_cnn, mlp_180, resnet_178, svm_stats, undertone_s

RECIPES = {
    recipe.name: recipe
    for recipe in (
        cnn_2376.RECIPE,
        gender.RECIPE,
        mfcc_cnn.RECIPE,
        mlp_180.RECIPE,
        resnet_178.RECIPE,
        svm_stats.RECIPE,
        undertone_s.RECIPE,
    )
}
