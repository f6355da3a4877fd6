// Constant-Q filters over a complex spectrum. Included inside a backend's kernel namespace: see feature.h.

// in: spectrum, a real and an imaginary row a bin, from table.first_spectrum_bin on. out: row,
// `table.columns` rows: the sums of the magnitudes of the filters that belong to each (signal/constant_q.h).
UNDERTONE_KERNEL void ConstantQMagnitudes(const ConstantQTable& table, const float* spectrum, float* row) {
  for (size_t c = 0; c < static_cast<size_t>(table.columns); ++c) StoreRow(Splat(0.0f), row, c);
  for (size_t i = 0; i < table.first_bin.size(); ++i) {
    const ConstantQTable::Weight* weights = table.weights.data() + table.weight_offset[i];
    const size_t count = static_cast<size_t>(table.weight_offset[i + 1] - table.weight_offset[i]);
    const float* bins = RowsFrom(spectrum, 2 * static_cast<size_t>(table.first_bin[i]));
    // Real and imaginary part in two sums each: one alone would wait for its additions.
    Lane re_of_re = Splat(0.0f);
    Lane re_of_im = re_of_re;
    Lane im_of_re = re_of_re;
    Lane im_of_im = re_of_re;
    for (size_t k = 0; k < count; ++k) {
      const Lane re = LoadRow(bins, 2 * k);
      const Lane im = LoadRow(bins, 2 * k + 1);
      const Lane weight_re = Splat(weights[k].re);
      const Lane weight_im = Splat(weights[k].im);
      re_of_re = MultiplyAdd(weight_re, re, re_of_re);
      re_of_im = MultiplyAdd(weight_im, im, re_of_im);
      im_of_re = MultiplyAdd(weight_im, re, im_of_re);
      im_of_im = MultiplyAdd(weight_re, im, im_of_im);
    }
    const Lane re = re_of_re - re_of_im;
    const Lane im = im_of_re + im_of_im;
    const size_t column = static_cast<size_t>(table.column[i]);
    StoreRow(LoadRow(row, column) + SquareRoot(MultiplyAdd(re, re, im * im)), row, column);
  }
}
