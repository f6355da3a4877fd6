// Pitch classes of a spectrum. Included inside a backend's kernel namespace: see feature.h.

// in: spectrum, `bins` rows; weights, [bin][pitch class] (signal/chroma.h). out: chroma, 12 rows of sums.
UNDERTONE_KERNEL void ChromaSums(const float* weights, const float* spectrum, size_t bins, float* chroma) {
  constexpr size_t kClasses = 12;
  Lane sums[kClasses];
  for (size_t c = 0; c < kClasses; ++c) sums[c] = Splat(0.0f);
  for (size_t k = 0; k < bins; ++k, weights += kClasses) {
    const Lane value = LoadRow(spectrum, k);
    for (size_t c = 0; c < kClasses; ++c) sums[c] = MultiplyAdd(Splat(weights[c]), value, sums[c]);
  }
  for (size_t c = 0; c < kClasses; ++c) StoreRow(sums[c], chroma, c);
}
