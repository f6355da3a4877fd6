"""mfcc-cnn: 40 cepstra, convolutions over time, the whole window heard."""

from __future__ import annotations

from ..batches import FeatureAugmentation, WindowBatches
from ..classes import SEVEN
from ..recipe import Recipe
from ..torch_learner import TorchLearner
from .cepstral_cnn import INPUT, WINDOW, CepstralCnnSizes

RECIPE = Recipe(
    name="mfcc-cnn",
    version="0.1.0",
    description="Convolutions over time on 40 cepstra, seven emotions",
    features="librosa-mfcc-40",
    window=WINDOW,
    input=INPUT,
    output="logits",
    classes=SEVEN,
    learner=TorchLearner(
        CepstralCnnSizes((64, 96, 96), stride=4),
        WindowBatches(
            FeatureAugmentation(
                mixup=0.4, least_stretch=0.6, time_masks=1, time_mask_frames=20, column_masks=1, column_mask_columns=4
            )
        ),
        epochs=30,
        peak_learning_rate=3e-3,
    ),
    corpus_weight={"ravdess": 1.0, "tess": 0.3, "emodb": 1.0},
)
