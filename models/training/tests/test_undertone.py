"""The network and the augmentation of our own models."""

from __future__ import annotations

import pytest
import torch

from train.errors import TrainError
from train.recipes.undertone.augment import Augmentation, colour, crop_and_warp, mask, noise, telephone
from train.recipes.undertone.committee import CommitteeNet
from train.recipes.undertone.front_end import BANDS, FLOOR, HOP_FRAMES, WINDOW_FRAMES
from train.recipes.undertone.network import EmotionNet, Network, Standardise

SIZES = Network(stem_channels=4, channels=8, embedding=8, temporal_blocks=2, time_strides=(5, 2), dropout=0.3)


def test_gain_does_not_matter_and_padding_is_not_heard() -> None:
    windows = torch.randn(2, WINDOW_FRAMES, BANDS)
    windows[1, 200:] = FLOOR
    quiet, mask_of = Standardise()(windows)
    loud, _ = Standardise()(torch.where(windows > FLOOR + 1e-3, windows + 2.0, windows))
    assert torch.allclose(quiet, loud, atol=1e-5)
    assert mask_of.sum(dim=1).flatten().tolist() == [300.0, 200.0]
    assert quiet[1, 0, 200:].abs().max() == 0.0


def test_the_level_is_that_of_the_frames_around() -> None:
    loud = torch.full((1, 4 * WINDOW_FRAMES, BANDS), -2.0)
    loud[:, 2 * WINDOW_FRAMES :] = -9.0
    level, _ = Standardise()(loud)
    # Far from the step each half is at its own level.
    assert level[0, 0, :400].abs().max() < 1e-5
    assert level[0, 0, 800:].abs().max() < 1e-5
    assert level[0, 0, 590:600].min() > 0.5


def test_silence_gives_finite_logits() -> None:
    silence = torch.full((1, WINDOW_FRAMES, BANDS), FLOOR)
    assert torch.isfinite(EmotionNet(SIZES, 7).eval()(silence)).all()


def test_windows_of_a_stretch_are_pooled_from_one_trunk() -> None:
    network = EmotionNet(SIZES, 7).eval()
    frames = torch.randn(2, WINDOW_FRAMES + 4 * HOP_FRAMES, BANDS) - 8.0
    with torch.inference_mode():
        whole = network(frames)
        assert whole.shape == (2, 5, 7)
        changed = frames.clone()
        changed[:, 3 * HOP_FRAMES + WINDOW_FRAMES :] += torch.randn(2, HOP_FRAMES, BANDS)
        # What lies far behind a window does not reach it; its own frames do.
        assert torch.allclose(network(changed)[:, 0], whole[:, 0], atol=1e-5)
        assert not torch.allclose(network(changed)[:, 4], whole[:, 4], atol=1e-3)


def test_a_committee_averages_probabilities_and_learns_member_by_member() -> None:
    members = [EmotionNet(SIZES, 7), EmotionNet(SIZES, 7)]
    committee = CommitteeNet(members).eval()
    frames = torch.randn(3, WINDOW_FRAMES + HOP_FRAMES, BANDS) - 8.0
    with torch.inference_mode():
        mean = torch.stack([m(frames).softmax(dim=2) for m in members]).mean(dim=0)
        assert torch.allclose(committee(frames).exp(), mean, atol=1e-6)
        assert committee.train()(frames).shape == (3, 4, 7)


def test_a_stride_that_windows_do_not_share_is_refused() -> None:
    with pytest.raises(TrainError, match="divides 150 but received 4 and 2"):
        EmotionNet(Network(4, 8, 8, 1, (4, 2), 0.1), 7)


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
    same = window
    for change in (colour, noise, telephone, mask):
        same = change(same, still, torch.Generator())
    assert torch.allclose(window, same)
    # A crop starts between frames: its values lie between two neighbours, so the range is kept.
    assert window[window > FLOOR + 0.01].min() >= recording.min() - 1e-5
