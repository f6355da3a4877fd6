"""Every recipe. A new model is a file here and one more line in the list."""

from __future__ import annotations

from . import (
    cnn_2376,
    cnn_lstm,
    gender,
    melspec_densenet,
    mfcc_cnn,
    mlp_180,
    resnet_178,
    svm_stats,
    undertone_m,
    undertone_s,
)

RECIPES = {
    recipe.name: recipe
    for recipe in (
        cnn_2376.RECIPE,
        cnn_lstm.RECIPE,
        gender.RECIPE,
        melspec_densenet.RECIPE,
        mfcc_cnn.RECIPE,
        mlp_180.RECIPE,
        resnet_178.RECIPE,
        svm_stats.RECIPE,
        undertone_s.RECIPE,
        undertone_m.RECIPE,
    )
}
