"""Changes in feature space: what they may touch and what not."""

from __future__ import annotations

import torch

from train.batches import FeatureAugmentation, mask, mix, stretch_of

PAD = 0.0


def windows() -> torch.Tensor:
    """Two windows of 50 frames × 4; the second holds 20."""
    out = torch.rand(2, 50, 4, generator=torch.Generator().manual_seed(0)) + 1.0
    out[1, 20:] = PAD
    return out


def test_a_stretch_is_a_run_of_the_windows_own_frames() -> None:
    given = windows()
    for seed in range(20):
        out = stretch_of(given, PAD, 0.5, torch.Generator().manual_seed(seed))
        for before, after, least in ((given[0], out[0], 25), (given[1], out[1], 10)):
            kept = int((after != PAD).any(dim=1).sum())
            assert kept >= least
            first = int((before == after[0]).all(dim=1).nonzero()[0])
            assert torch.equal(after[:kept], before[first : first + kept])


def test_masks_leave_padding_alone() -> None:
    settings = FeatureAugmentation(time_masks=2, time_mask_frames=10, column_masks=1, column_mask_columns=2)
    given = windows()
    out = mask(given, torch.full((4,), 9.0), PAD, settings, torch.Generator().manual_seed(1))
    assert (out[1, 20:] == PAD).all()
    changed = out != given
    assert changed.any()
    assert (out[changed] == 9.0).all()


def test_mixing_mixes_the_classes_alike() -> None:
    given = torch.stack([torch.zeros(3, 2), torch.ones(3, 2)])
    mixed, shares = mix(given, torch.eye(2), 0.4, torch.Generator().manual_seed(2))
    assert torch.allclose(mixed[:, 0, 0], shares[:, 1])
    assert torch.allclose(shares.sum(dim=1), torch.ones(2))
