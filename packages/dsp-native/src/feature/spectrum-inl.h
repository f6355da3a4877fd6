// Power to magnitude. Included inside a backend's kernel namespace: see feature.h.

// in: power, `bins` rows. out: magnitudes, |X|, as many. May work in place.
UNDERTONE_KERNEL void Magnitude(size_t bins, const float* power, float* magnitudes) {
  for (size_t k = 0; k < bins; ++k) StoreRow(SquareRoot(LoadRow(power, k)), magnitudes, k);
}
