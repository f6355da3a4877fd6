// Descriptors of a frame's magnitude spectrum. Included inside a backend's kernel namespace: see feature.h.
// in: FrameView::spectrum, `bins` rows of magnitudes. out: one row each; 0 for an empty spectrum but where
// the formula says otherwise.
//
// pyAudioAnalysis divides the magnitudes by their number or by their maximum, which cancels in all of these;
// the epsilons it adds are kept where they decide what counts as silence.

// Above 0 by as little as possible: keeps an empty spectrum from 0 / 0 (librosa.util.tiny).
constexpr float kTiny = FLT_MIN;

// Moments of the magnitudes over frequency f, with p = magnitude / sum of magnitudes:
// centroid C = sum f p, bandwidth = sqrt(sum (f - C)^2 p) (librosa.feature.spectral_centroid and
// spectral_bandwidth with p = 2; pyAudioAnalysis' centroid and spread), skewness and kurtosis = third and
// fourth central moment over the third and fourth power of the bandwidth (Peeters 2004, "A large set of audio
// features for sound description", 6.1.3 and 6.1.4).
UNDERTONE_KERNEL Lane ComputeDescriptor(const SpectralMomentTable& table, const FrameView& frame) {
  const size_t bins = frame.bins;
  const auto frequency = [&](size_t k) UNDERTONE_LAMBDA {
    return Splat(table.first_hz + table.step_hz * static_cast<float>(k));
  };
  const Lane magnitudes =
      SumRows(bins, [&](size_t k) UNDERTONE_LAMBDA { return LoadRow(frame.spectrum, k); });
  const Lane norm = Splat(1.0f) / Maximum(magnitudes, Splat(kTiny));
  const Lane centroid = norm * SumRows(bins, [&](size_t k) UNDERTONE_LAMBDA {
                          return frequency(k) * LoadRow(frame.spectrum, k);
                        });
  if (table.moment == SpectralMoment::kCentroid) return centroid * Splat(table.scale);

  const Lane variance = norm * SumRows(bins, [&](size_t k) UNDERTONE_LAMBDA {
                          const Lane away = frequency(k) - centroid;
                          return away * away * LoadRow(frame.spectrum, k);
                        });
  const Lane bandwidth = SquareRoot(variance);
  if (table.moment == SpectralMoment::kBandwidth) return bandwidth * Splat(table.scale);

  // In units of the bandwidth, so that the fourth power stays in range.
  const Lane unit = Splat(1.0f) / Maximum(bandwidth, Splat(1e-6f * table.step_hz));
  const bool fourth = table.moment == SpectralMoment::kKurtosis;
  return SumRows(bins, [&](size_t k) UNDERTONE_LAMBDA {
    const Lane away = (frequency(k) - centroid) * unit;
    const Lane square = away * away;
    // In this order: a share of the variance is at most 1, and no product overflows.
    const Lane share = square * (norm * LoadRow(frame.spectrum, k));
    return share * (fourth ? square : away);
  });
}

// Spectral flux (pyAudioAnalysis): sum over the bins of the squared difference to the frame before, each
// spectrum divided by its sum + floor. 0 for a recording's first frame.
UNDERTONE_KERNEL Lane ComputeDescriptor(const FluxTable& table, const FrameView& frame) {
  const auto norm = [&](const float* spectrum) UNDERTONE_LAMBDA {
    const Lane sum = SumRows(frame.bins, [&](size_t k) UNDERTONE_LAMBDA { return LoadRow(spectrum, k); });
    return Splat(1.0f) / (sum + Splat(table.floor));
  };
  const Lane now = norm(frame.spectrum);
  const Lane before = norm(frame.previous_spectrum);
  const Lane flux = SumRows(frame.bins, [&](size_t k) UNDERTONE_LAMBDA {
    const Lane difference = now * LoadRow(frame.spectrum, k) - before * LoadRow(frame.previous_spectrum, k);
    return difference * difference;
  });
  return flux * LoadRow(frame.has_previous, 0);
}

// Spectral flatness (librosa.feature.spectral_flatness): geometric over arithmetic mean of the powers, each
// at least `floor`.
UNDERTONE_KERNEL Lane ComputeDescriptor(const FlatnessTable& table, const FrameView& frame) {
  const Lane floor = Splat(table.floor);
  const auto power = [&](size_t k) UNDERTONE_LAMBDA {
    const Lane magnitude = LoadRow(frame.spectrum, k);
    return Maximum(magnitude * magnitude, floor);
  };
  const Lane share = Splat(1.0f / static_cast<float>(frame.bins));
  const Lane arithmetic = share * SumRows(frame.bins, power);
  // Logarithms relative to the mean are small numbers, and keep their digits in the sum.
  const Lane unit = Splat(1.0f) / arithmetic;
  const Lane logarithms = SumRows(frame.bins, [&](size_t k) UNDERTONE_LAMBDA {
    return NaturalLog(Maximum(power(k) * unit, Splat(1e-37f)));
  });
  return Exponential(share * logarithms);
}

// Spectral roll-off: the first bin up to which `share` of the magnitudes (librosa.feature.spectral_rolloff;
// a sum that reaches the share) or of the powers (pyAudioAnalysis; a sum + floor that exceeds it) lies.
UNDERTONE_KERNEL Lane ComputeDescriptor(const RollOffTable& table, const FrameView& frame) {
  const auto value = [&](size_t k) UNDERTONE_LAMBDA {
    const Lane magnitude = LoadRow(frame.spectrum, k);
    return table.of_power ? magnitude * magnitude : magnitude;
  };
  const Lane threshold = Splat(table.share) * SumRows(frame.bins, value);
  const Lane one = Splat(1.0f);
  const Lane zero = Splat(0.0f);
  Lane total = Splat(table.floor);
  Lane below = zero;
  // Summed in blocks as SumRows() does: one running sum would lose the last digits.
  for (size_t begin = 0; begin < frame.bins; begin += kSumBlock) {
    const size_t end = begin + kSumBlock < frame.bins ? begin + kSumBlock : frame.bins;
    Lane sum = zero;
    for (size_t k = begin; k < end; ++k) {
      sum = sum + value(k);
      const Lane reached = total + sum;
      below = below + (table.of_power ? SelectLess(threshold, reached, zero, one)
                                      : SelectLess(reached, threshold, one, zero));
    }
    total = total + sum;
  }
  // Nothing exceeds the share of an empty spectrum.
  const Lane last = Splat(static_cast<float>(frame.bins));
  return SelectLess(below, last, below, zero) * Splat(table.step);
}

// Spectral slope (Peeters 2004, 6.1.5): slope of the least-squares line of magnitude over frequency in Hz,
// divided by the sum of the magnitudes.
UNDERTONE_KERNEL Lane ComputeDescriptor(const SlopeTable& table, const FrameView& frame) {
  const float bins = static_cast<float>(frame.bins);
  const float middle = 0.5f * (bins - 1);
  const Lane magnitudes =
      SumRows(frame.bins, [&](size_t k) UNDERTONE_LAMBDA { return LoadRow(frame.spectrum, k); });
  const Lane moment = SumRows(frame.bins, [&](size_t k) UNDERTONE_LAMBDA {
    return Splat(static_cast<float>(k) - middle) * LoadRow(frame.spectrum, k);
  });
  // Sum of the squares of k - middle.
  const float spread = bins * (bins * bins - 1) / 12;
  return moment / Maximum(magnitudes, Splat(kTiny)) * Splat(1 / (spread * table.step_hz));
}
