// Mel filterbank. Included inside a backend's kernel namespace: see feature.h.

// in: spectrum, one row a bin, power or magnitude. out: mel, one row a band: the weighted sum of the bins
// under its triangle (signal/mel.h).
UNDERTONE_KERNEL void MelEnergies(const MelTable& table, const float* spectrum, float* mel) {
  for (size_t band = 0; band < table.first_bin.size(); ++band) {
    const float* weights = table.weights.data() + table.weight_offset[band];
    const size_t count = static_cast<size_t>(table.weight_offset[band + 1] - table.weight_offset[band]);
    const size_t first = static_cast<size_t>(table.first_bin[band]);
    Lane sum = Splat(0.0f);
    for (size_t i = 0; i < count; ++i) {
      sum = MultiplyAdd(Splat(weights[i]), LoadRow(spectrum, first + i), sum);
    }
    StoreRow(sum, mel, band);
  }
}
