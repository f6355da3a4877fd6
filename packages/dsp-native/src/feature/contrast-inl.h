// Spectral contrast (Jiang et al. 2002; librosa.feature.spectral_contrast). Included inside a backend's
// kernel namespace: see feature.h.

// Puts values into two sorted lists of `kept` rows: the smallest, ascending, and the largest, descending, of
// all that came. Several values a pass: a list is loaded and stored once for all of them.
template <size_t kValues>
UNDERTONE_KERNEL void InsertSorted(const float* values, size_t kept, float* smallest, float* largest) {
  Lane low[kValues];
  Lane high[kValues];
  for (size_t i = 0; i < kValues; ++i) low[i] = high[i] = LoadRow(values, i);
  for (size_t j = 0; j < kept; ++j) {
    Lane small = LoadRow(smallest, j);
    Lane large = LoadRow(largest, j);
    for (size_t i = 0; i < kValues; ++i) {
      const Lane larger = Maximum(small, low[i]);
      small = Minimum(small, low[i]);
      low[i] = larger;
      const Lane smaller = Minimum(large, high[i]);
      large = Maximum(large, high[i]);
      high[i] = smaller;
    }
    StoreRow(small, smallest, j);
    StoreRow(large, largest, j);
  }
}

// in: FrameView::spectrum, magnitudes. out: decibels, two rows a band: first all peaks, the means of the
// `kept` largest bins of each band, then all valleys, the means of the smallest.
UNDERTONE_KERNEL void SpectralContrast(const ContrastTable& table, const FrameView& frame, float* decibels) {
  constexpr size_t kAtOnce = 4;
  const size_t bands = static_cast<size_t>(table.count);
  for (size_t b = 0; b < bands; ++b) {
    const size_t kept = static_cast<size_t>(table.bands[b].kept);
    const size_t bins = static_cast<size_t>(table.bands[b].bins);
    const float* values = RowsFrom(frame.spectrum, static_cast<size_t>(table.bands[b].first_bin));
    float* smallest = frame.extremes;
    float* largest = RowsFrom(smallest, kept);
    for (size_t j = 0; j < kept; ++j) {
      StoreRow(Splat(3e38f), smallest, j);
      StoreRow(Splat(0.0f), largest, j);
    }
    size_t k = 0;
    for (; k + kAtOnce <= bins; k += kAtOnce) {
      InsertSorted<kAtOnce>(RowsFrom(values, k), kept, smallest, largest);
    }
    for (; k < bins; ++k) InsertSorted<1>(RowsFrom(values, k), kept, smallest, largest);

    const auto to_decibels = [&](const float* rows) UNDERTONE_LAMBDA {
      const Lane sum = SumRows(kept, [&](size_t j) UNDERTONE_LAMBDA { return LoadRow(rows, j); });
      const Lane mean = sum * Splat(1.0f / static_cast<float>(kept));
      return NaturalLog(Maximum(mean, Splat(1e-10f))) * Splat(4.342944819f);
    };
    StoreRow(to_decibels(largest), decibels, b);
    StoreRow(to_decibels(smallest), decibels, bands + b);
  }
}
