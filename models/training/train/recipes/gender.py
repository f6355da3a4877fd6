"""gender: who speaks, a woman or a man; the network of mfcc-cnn, smaller."""

from __future__ import annotations

from ..batches import FeatureAugmentation, WindowBatches
from ..classes import GENDERS
from ..recipe import Recipe
from ..torch_learner import TorchLearner
from .cepstral_cnn import INPUT, WINDOW, CepstralCnnSizes

RECIPE = Recipe(
    name="gender",
    version="0.1.0",
    description="Gender of a speaker by convolutions over time on 40 cepstra",
    features="librosa-mfcc-40",
    window=WINDOW,
    input=INPUT,
    output="logits",
    classes=GENDERS,
    learner=TorchLearner(
        CepstralCnnSizes((48, 64, 64)),
        WindowBatches(FeatureAugmentation(least_stretch=0.4, time_masks=1, time_mask_frames=20)),
        epochs=15,
        peak_learning_rate=3e-3,
    ),
    # Both talkers of TESS are women.
    corpus_weight={"ravdess": 1.0, "tess": 0.1, "emodb": 1.0},
)
