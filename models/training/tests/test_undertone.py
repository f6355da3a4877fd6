"""The network and the augmentation of our own models."""

from __future__ import annotations

import torch

from train.recipes.undertone.augment import Augmentation, colour, crop_and_warp, mask
from train.recipes.undertone.front_end import BANDS, FLOOR, WINDOW_FRAMES
from train.recipes.undertone.network import EmotionNet, Network, Standardise, example_input


def test_gain_does_not_matter_and_padding_is_not_heard() -> None:
    windows = torch.randn(2, WINDOW_FRAMES, BANDS)
    windows[1, 200:] = FLOOR
    quiet, mask_of = Standardise()(windows)
    loud, _ = Standardise()(torch.where(windows > FLOOR + 1e-3, windows + 2.0, windows))
    assert torch.allclose(quiet, loud, atol=1e-5)
    assert mask_of.sum(dim=1).flatten().tolist() == [300.0, 200.0]
    assert quiet[1, 0, 200:].abs().max() == 0.0


def test_silence_gives_finite_logits() -> None:
    assert torch.isfinite(EmotionNet(Network(), 7).eval()(example_input())).all()


def test_augmentation_at_rest_changes_nothing() -> None:
    still = Augmentation(
        pitch=0.0,
        tempo=0.0,
        gain_nepers=0.0,
        tilt_nepers=0.0,
        noise_probability=0.0,
        telephone_probability=0.0,
        time_masks=0,
        band_masks=0,
    )
    recording = torch.randn(1, 400, BANDS) - 8.0
    window = crop_and_warp(recording, torch.tensor([400.0]), still, torch.Generator().manual_seed(0))
    assert window.shape == (1, WINDOW_FRAMES, BANDS)
    same = mask(colour(window, still, torch.Generator()), still, torch.Generator())
    assert torch.allclose(window, same)
    # A crop starts between frames: its values lie between two neighbours, so the range is kept.
    assert window[window > FLOOR + 0.01].min() >= recording.min() - 1e-5
