// Mel filterbank. Included inside a backend's kernel namespace: see feature.h.

// in: spectrum, one row a bin, power or magnitude. out: mel, one row a band, of bands [first, end): the
// weighted sum of the bins under its triangle (signal/mel.h). Each bin is loaded once for the two triangles
// that it lies under; a band is the same whatever the bands asked for beside it.
UNDERTONE_KERNEL void MelEnergies(const MelView& table, size_t first, size_t end, const float* spectrum,
                                  float* mel) {
  Lane risen = Splat(0.0f);
  for (size_t segment = first; segment <= end; ++segment) {
    const size_t offset = static_cast<size_t>(table.weight_offset[segment]);
    const size_t count = static_cast<size_t>(table.weight_offset[segment + 1]) - offset;
    const MelWeights* weights = table.weights + offset;
    const float* bins = RowsFrom(spectrum, static_cast<size_t>(table.first_bin[segment]));
    Lane fallen = risen;
    risen = Splat(0.0f);
    for (size_t i = 0; i < count; ++i) {
      const Lane bin = LoadRow(bins, i);
      fallen = MultiplyAdd(Splat(weights[i].falling), bin, fallen);
      risen = MultiplyAdd(Splat(weights[i].rising), bin, risen);
    }
    if (segment > first) StoreRow(fallen, mel, segment - 1);
  }
}
