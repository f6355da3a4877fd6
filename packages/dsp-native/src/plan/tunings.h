// The tunings of an utterance that its features rest on, estimated from the spectra that the frames have
// anyway.
#pragma once

#include <optional>

#include "backend/backend.h"
#include "core/front_end.h"
#include "signal/tuning.h"

namespace undertone {

// Frames that librosa.estimate_tuning looks at by default, whatever the rate and the hop: those that the
// constant-Q transform is tuned by.
extern const FrameSpec kConstantQTuningFrame;

class Tunings : public PeakSink {
 public:
  // Those that the row's features need and that this front-end's frames can tell.
  explicit Tunings(const FrontEndSpec& spec);
  // What the constant-Q transform needs, from kConstantQTuningFrame.
  static Tunings OfConstantQ(int sample_rate_hz);

  bool empty() const { return !chroma_ && !constant_q_; }
  void Add(const signal::SpectralPeak& peak, float largest) override;

  // In hundredths of a semitone, of the spectra that the chroma is made of.
  int chroma_index() const { return chroma_->Index(); }
  // In hundredths of a 36th of an octave; none where the frames are others than librosa's.
  std::optional<int> constant_q_index() const;

 private:
  explicit Tunings(double hz_per_bin) : hz_per_bin_(hz_per_bin) {}

  double hz_per_bin_;
  SpectrumKind chroma_spectrum_ = SpectrumKind::kPower;
  std::optional<signal::TuningEstimate> chroma_;
  std::optional<signal::TuningEstimate> constant_q_;
};

}  // namespace undertone
