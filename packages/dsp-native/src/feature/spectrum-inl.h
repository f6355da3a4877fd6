// Power to magnitude. Included inside a backend's kernel namespace: see feature.h.

// in and out: spectrum, `bins` rows of power; becomes |X|.
UNDERTONE_KERNEL void Magnitude(size_t bins, float* spectrum) {
  for (size_t k = 0; k < bins; ++k) StoreRow(SquareRoot(LoadRow(spectrum, k)), spectrum, k);
}
