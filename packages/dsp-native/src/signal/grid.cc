#include "signal/grid.h"

namespace undertone {

int64_t FrameCount(int64_t samples, const FrameSpec& frame) {
  if (samples <= 0) return 0;
  switch (frame.placement) {
    case Placement::kSnip:
      if (samples < frame.length_samples) return 0;
      return 1 + (samples - frame.length_samples) / frame.hop_samples;
    case Placement::kCentre:
      return 1 + samples / frame.hop_samples;
    case Placement::kWhisperCentre:
      return samples / frame.hop_samples;
    case Placement::kKaldiCentre:
      return (samples + frame.hop_samples / 2) / frame.hop_samples;
  }
  return 0;
}

int64_t FrameStart(int64_t t, const FrameSpec& frame) {
  const int64_t at = t * frame.hop_samples;
  switch (frame.placement) {
    case Placement::kSnip:
      return at;
    case Placement::kCentre:
    case Placement::kWhisperCentre:
      // librosa centres an fft_size frame and the window inside it; both halves round down.
      return at - frame.fft_size / 2 + (frame.fft_size - frame.length_samples) / 2;
    case Placement::kKaldiCentre:
      return at + frame.hop_samples / 2 - frame.length_samples / 2;
  }
  return at;
}

}  // namespace undertone
