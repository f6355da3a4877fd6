// Entropy of a frame's energy over time, or over frequency. Included inside a backend's kernel namespace: see
// feature.h. in: FrameView::samples or, where there are bins, FrameView::spectrum.

// Entropy of the energies of equal blocks (pyAudioAnalysis: energy entropy of samples, spectral entropy of
// magnitudes): -sum s log2(s + eps), s = a block's share of the energy + floor of all `rows` rows; eps is
// float64's. What does not fill a block counts in the total only.
UNDERTONE_KERNEL Lane BlockEntropy(const BlockEntropyTable& table, const float* values, size_t rows) {
  const auto energy = [&](size_t begin, size_t count) UNDERTONE_LAMBDA {
    return SumRows(count, [&](size_t row) UNDERTONE_LAMBDA {
      const Lane x = LoadRow(values, begin + row);
      return x * x;
    });
  };
  const Lane epsilon = Splat(static_cast<float>(DBL_EPSILON));
  const Lane total = energy(0, rows) + Splat(table.floor);
  const size_t length = static_cast<size_t>(table.block_length);
  Lane entropy = Splat(0.0f);
  for (size_t block = 0; block < static_cast<size_t>(table.blocks); ++block) {
    const Lane share = energy(block * length, length) / total;
    entropy = MultiplySubtract(share, NaturalLog(share + epsilon), entropy);
  }
  return entropy * Splat(1.44269504088896340736f);
}

// Entropy of blocks of samples or of bins, whichever the view holds.
UNDERTONE_KERNEL Lane ComputeDescriptor(const BlockEntropyTable& table, const FrameView& frame) {
  if (frame.bins > 0) return BlockEntropy(table, frame.spectrum, frame.bins);
  return BlockEntropy(table, frame.samples, frame.length);
}
