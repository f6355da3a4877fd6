// Logarithm of spectra and mel energies. Included inside a backend's kernel namespace: see feature.h.

// in: rows of values >= 0. out: log_values, as many rows: scale ln(max(x, floor)) + offset. May work in
// place.
UNDERTONE_KERNEL void LogRows(const LogTable& table, const float* values, size_t rows, float* log_values) {
  const Lane floor = Splat(table.floor);
  const Lane scale = Splat(table.scale);
  const Lane offset = Splat(table.offset);
  for (size_t row = 0; row < rows; ++row) {
    const Lane log = NaturalLog(Maximum(LoadRow(values, row), floor));
    StoreRow(MultiplyAdd(log, scale, offset), log_values, row);
  }
}
