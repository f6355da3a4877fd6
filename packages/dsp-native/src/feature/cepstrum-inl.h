// Cepstra of log mel energies. Included inside a backend's kernel namespace: see feature.h.

// in: log_mel, one row a band. out: cepstra, table.rows rows: the liftered DCT-II of the bands.
// The mean of the bands is taken out first and put back through the row sums: log energies lie far from 0
// (-50 dB) and a cepstrum is a small difference of them, so summing them as they are would cost it two
// digits.
UNDERTONE_KERNEL void Cepstra(const CepstrumTable& table, const float* log_mel, float* cepstra) {
  const size_t bands = static_cast<size_t>(table.bands);
  Lane sum = Splat(0.0f);
  for (size_t b = 0; b < bands; ++b) sum = sum + LoadRow(log_mel, b);
  const Lane mean = sum * Splat(1.0f / static_cast<float>(bands));
  for (size_t row = 0; row < static_cast<size_t>(table.rows); ++row) {
    const float* weights = table.matrix.data() + row * bands;
    Lane cepstrum = mean * Splat(table.row_sums[row]);
    for (size_t b = 0; b < bands; ++b) {
      cepstrum = MultiplyAdd(Splat(weights[b]), LoadRow(log_mel, b) - mean, cepstrum);
    }
    StoreRow(cepstrum, cepstra, row);
  }
}
