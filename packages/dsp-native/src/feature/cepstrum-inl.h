// Cepstra of log mel energies. Included inside a backend's kernel namespace: see feature.h.

// Several cepstra share each load of a band, and their sums do not wait for one another.
constexpr size_t kCepstraAtOnce = 6;

// Cepstra `row` ... row + kRows - 1 of mean-free log mel energies.
template <size_t kRows>
UNDERTONE_KERNEL void SomeCepstra(const CepstrumView& table, size_t row, Lane mean, const float* log_mel,
                                  float* cepstra) {
  const size_t bands = static_cast<size_t>(table.bands);
  const float* weights = table.matrix + row * bands;
  Lane sums[kRows];
  for (size_t i = 0; i < kRows; ++i) sums[i] = mean * Splat(table.row_sums[row + i]);
  for (size_t b = 0; b < bands; ++b) {
    const Lane band = LoadRow(log_mel, b);
    for (size_t i = 0; i < kRows; ++i) sums[i] = MultiplyAdd(Splat(weights[i * bands + b]), band, sums[i]);
  }
  for (size_t i = 0; i < kRows; ++i) StoreRow(sums[i], cepstra, row + i);
}

// Mean of each frame's bands.
UNDERTONE_KERNEL Lane MeanOfBands(const CepstrumView& table, const float* log_mel) {
  Lane sum = Splat(0.0f);
  for (size_t b = 0; b < static_cast<size_t>(table.bands); ++b) sum = sum + LoadRow(log_mel, b);
  return sum * Splat(1.0f / static_cast<float>(table.bands));
}

// in: log_mel, one row a band; its mean is taken out of it. out: cepstra, table.rows rows: the liftered
// DCT-II of the bands. The mean of the bands is taken out first and put back through the row sums: log
// energies lie far from 0
// (-50 dB) and a cepstrum is a small difference of them, so summing them as they are would cost it two
// digits.
UNDERTONE_KERNEL void Cepstra(const CepstrumView& table, float* log_mel, float* cepstra) {
  const Lane mean = MeanOfBands(table, log_mel);
  for (size_t b = 0; b < static_cast<size_t>(table.bands); ++b) {
    StoreRow(LoadRow(log_mel, b) - mean, log_mel, b);
  }
  size_t row = 0;
  for (; row + kCepstraAtOnce <= static_cast<size_t>(table.rows); row += kCepstraAtOnce) {
    SomeCepstra<kCepstraAtOnce>(table, row, mean, log_mel, cepstra);
  }
  for (; row < static_cast<size_t>(table.rows); ++row) SomeCepstra<1>(table, row, mean, log_mel, cepstra);
}
