"""Random changes to training windows, all in the log-mel domain.

The recipe sees features only, never audio, so voices are varied by warping the mel axis (vocal tract
length perturbation, Jaitly & Hinton 2013) and time; channels by smooth band gains; rooms by noise
added to the powers; and SpecAugment masks (Park et al. 2019) hide parts of the window.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .front_end import BANDS, FLOOR, HOP_FRAMES, WINDOW_FRAMES

LOW_HZ, HIGH_HZ = 60.0, 7600.0

TELEPHONE_TOP_HZ = (3300.0, 4000.0)
"""Where lines end: between the filters of ITU-T G.712 and the Nyquist frequency of 8 kHz recordings."""
TELEPHONE_BOTTOM_HZ = 300.0
TELEPHONE_BOTTOM_NEPERS = 4.0
"""Largest loss of power an octave below TELEPHONE_BOTTOM_HZ; many recordings of calls have none."""


@dataclass(frozen=True)
class Augmentation:
    """How far a training window may move from the recording."""

    pitch: float = 0.08
    """Largest |ln| of the factor by which the frequency axis is scaled."""
    tempo: float = 0.1
    """Largest |ln| of the factor by which time is squeezed."""
    gain_nepers: float = 1.5
    """Largest gain, in nepers of power (1.5 = 6.5 dB). The network takes the level out again, down to the floor."""
    tilt_nepers: float = 0.3
    """Largest part of each of the three curves of the smooth random equaliser."""
    noise_probability: float = 0.25
    noise_snr_db: tuple[float, float] = (5.0, 40.0)
    """Loudest frame's signal-to-noise ratio for the added noise, uniform."""
    telephone_probability: float = 0.25
    """Share of windows heard over a telephone line, which most archives of calls hold."""
    time_masks: int = 1
    time_mask_frames: int = 25
    band_masks: int = 1
    band_mask_bands: int = 8


def _uniform(generator: torch.Generator, shape: tuple[int, ...], low: float, high: float) -> Tensor:
    return torch.rand(shape, generator=generator) * (high - low) + low


def _mel(hz: Tensor) -> Tensor:
    return 2595.0 * torch.log10(1.0 + hz / 700.0)


def _band_centres_hz() -> Tensor:
    edges = _mel(torch.tensor([LOW_HZ, HIGH_HZ]))
    mel = torch.linspace(float(edges[0]), float(edges[1]), BANDS + 2)[1:-1]
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)


def crop_and_warp(padded: Tensor, frames: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Random windows of recordings, with time and frequency warped.

    In: recordings [batch, longest, bands] and their lengths in frames [batch].
    Out: windows [batch, WINDOW_FRAMES, bands]; FLOOR past the end of the recording, as in serving.
    The start is drawn so that at least half a window holds the recording: the grid guarantees that too.
    """
    batch, longest, bands = padded.shape
    tempo = torch.exp(_uniform(generator, (batch,), -settings.tempo, settings.tempo))
    latest = (frames - HOP_FRAMES * tempo).clamp(min=20.0)
    latest = torch.where(frames <= WINDOW_FRAMES * tempo, torch.full_like(latest, 20.0), latest)
    start = (torch.rand(batch, generator=generator) * (latest + 10.0) - 10.0).clamp(min=0.0)
    time = start[:, None] + torch.arange(WINDOW_FRAMES)[None, :] * tempo[:, None]

    scale = torch.exp(_uniform(generator, (batch, 1), -settings.pitch, settings.pitch))
    edges = _mel(torch.tensor([LOW_HZ, HIGH_HZ]))
    step = float(edges[1] - edges[0]) / (BANDS + 1)
    band = (_mel(_band_centres_hz()[None, :] * scale) - float(edges[0])) / step - 1.0

    grid = torch.empty(batch, WINDOW_FRAMES, bands, 2)
    grid[..., 0] = (band / (bands - 1) * 2.0 - 1.0)[:, None, :]
    grid[..., 1] = (time / (longest - 1) * 2.0 - 1.0)[:, :, None]
    warped = functional.grid_sample(
        padded.unsqueeze(1), grid, mode="bilinear", padding_mode="border", align_corners=True
    ).squeeze(1)
    outside = time > (frames - 1.0)[:, None]
    return warped.masked_fill(outside[:, :, None], FLOOR)


def _some(windows: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Indices of the windows that a change is made to."""
    return (torch.rand(len(windows), generator=generator) < probability).nonzero()[:, 0]


def colour(windows: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Gain and smooth equaliser on the frames that hold signal; shape kept."""
    batch, _, bands = windows.shape
    axis = torch.arange(bands) / (bands - 1)
    shapes = torch.stack([axis - 0.5, torch.cos(math.pi * 2 * axis) / 2, torch.cos(math.pi * 3 * axis) / 2])
    curve = _uniform(generator, (batch, 3), -1.0, 1.0) @ shapes * settings.tilt_nepers
    gain = _uniform(generator, (batch, 1), -settings.gain_nepers, settings.gain_nepers)
    signal = windows.amax(dim=2, keepdim=True) > FLOOR + 0.01
    return torch.where(signal, (windows + (curve + gain)[:, None, :]).clamp(min=FLOOR), windows)


def noise(windows: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Coloured noise on the frames that hold signal of some of the windows; shape kept."""
    chosen = _some(windows, settings.noise_probability, generator)
    quiet = windows[chosen]
    count, _, bands = quiet.shape
    signal = quiet.amax(dim=2, keepdim=True) > FLOOR + 0.01
    level = quiet.masked_fill(~signal, -30.0).amax(dim=(1, 2)) - 2.0
    low, high = settings.noise_snr_db
    snr = _uniform(generator, (count,), low, high) * (math.log(10.0) / 10.0)
    slope = _uniform(generator, (count, 1), -3.0, 1.0) * (torch.arange(bands) / (bands - 1))[None, :]
    # A periodogram of noise smoothed over a mel band: gamma-like, so about ±0.5 neper around its mean.
    jitter = 0.5 * torch.randn(quiet.shape, generator=generator)
    heard = torch.logaddexp(quiet, (level - snr)[:, None, None] + slope[:, None, :] + jitter)
    return windows.index_copy(0, chosen, torch.where(signal, heard.clamp(min=FLOOR), quiet))


def telephone(windows: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """The band of a telephone line on some of the windows; shape kept.

    A recording at 8 kHz brought to 16 kHz has nothing above the line's top: those bands are at FLOOR, as in serving.
    """
    chosen = _some(windows, settings.telephone_probability, generator)
    centres = _band_centres_hz()[None, :]
    top = _uniform(generator, (len(chosen), 1), *TELEPHONE_TOP_HZ)
    bottom = _uniform(generator, (len(chosen), 1), 0.0, TELEPHONE_BOTTOM_NEPERS)
    loss = bottom * torch.log2(TELEPHONE_BOTTOM_HZ / centres).clamp(min=0.0)
    through = (windows[chosen] - loss[:, None, :]).clamp(min=FLOOR)
    return windows.index_copy(0, chosen, through.masked_fill((centres > top)[:, None, :], FLOOR))


def mask(windows: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """SpecAugment: some stretches of time and some bands are set to the window's mean; shape kept."""
    batch, frames, bands = windows.shape
    signal = windows.amax(dim=2, keepdim=True) > FLOOR + 0.01
    fill = (windows * signal).sum(dim=(1, 2)) / (signal.sum(dim=(1, 2)).clamp(min=1) * bands)
    hidden = torch.zeros(batch, frames, bands, dtype=torch.bool)
    for count, size, axis, length in (
        (settings.time_masks, settings.time_mask_frames, 1, frames),
        (settings.band_masks, settings.band_mask_bands, 2, bands),
    ):
        position = torch.arange(length)[None, :]
        for _ in range(count):
            width = _uniform(generator, (batch, 1), 0.0, float(size))
            first = torch.rand(batch, 1, generator=generator) * (length - width)
            inside = (position >= first) & (position < first + width)
            hidden |= inside.unsqueeze(2 if axis == 1 else 1)
    return torch.where(hidden & signal, fill[:, None, None].expand_as(windows), windows)
