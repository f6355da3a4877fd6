// Mel filterbank. Included inside a backend's kernel namespace: see feature.h.

// in: spectrum, one row a bin, power or magnitude. out: mel, one row a band: the weighted sum of the bins
// under its triangle (signal/mel.h). Each bin is loaded once for the two triangles that it lies under.
UNDERTONE_KERNEL void MelEnergies(const MelTable& table, const float* spectrum, float* mel) {
  const size_t bands = static_cast<size_t>(table.bands());
  Lane risen = Splat(0.0f);
  for (size_t segment = 0; segment <= bands; ++segment) {
    const size_t offset = static_cast<size_t>(table.weight_offset[segment]);
    const size_t count = static_cast<size_t>(table.weight_offset[segment + 1]) - offset;
    const MelTable::Weights* weights = table.weights.data() + offset;
    const float* bins = spectrum + static_cast<size_t>(table.first_bin[segment]) * kLanes;
    Lane fallen = risen;
    risen = Splat(0.0f);
    for (size_t i = 0; i < count; ++i) {
      const Lane bin = LoadRow(bins, i);
      fallen = MultiplyAdd(Splat(weights[i].falling), bin, fallen);
      risen = MultiplyAdd(Splat(weights[i].rising), bin, risen);
    }
    if (segment > 0) StoreRow(fallen, mel, segment - 1);
  }
}
