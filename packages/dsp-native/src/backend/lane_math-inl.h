// Functions of lanes that every backend computes by the same steps. Included inside a backend's kernel
// namespace, after its lane operations.

// Natural logarithm of normal, positive, finite x; error below 1 ulp or so.
// x = 2^e m with sqrt(1/2) <= m < sqrt(2); ln m by the polynomial of Cephes' logf (S. Moshier), ln 2 in two
// parts.
UNDERTONE_KERNEL Lane NaturalLog(Lane x) {
  Lane e, f;
  SplitExponent(x, &e, &f);
  const Lane square = f * f;
  Lane p = Splat(7.0376836292e-2f);
  p = MultiplyAdd(p, f, Splat(-1.1514610310e-1f));
  p = MultiplyAdd(p, f, Splat(1.1676998740e-1f));
  p = MultiplyAdd(p, f, Splat(-1.2420140846e-1f));
  p = MultiplyAdd(p, f, Splat(1.4249322787e-1f));
  p = MultiplyAdd(p, f, Splat(-1.6668057665e-1f));
  p = MultiplyAdd(p, f, Splat(2.0000714765e-1f));
  p = MultiplyAdd(p, f, Splat(-2.4999993993e-1f));
  p = MultiplyAdd(p, f, Splat(3.3333331174e-1f));
  Lane tail = p * f * square;
  tail = MultiplyAdd(e, Splat(-2.12194440e-4f), tail);
  tail = MultiplySubtract(Splat(0.5f), square, tail);
  return MultiplyAdd(e, Splat(0.693359375f), f + tail);
}

// e^x for -87 <= x <= 88, held within that; error below 2 ulp. x = n ln 2 + r, |r| <= ln 2 / 2, ln 2 in two
// parts; e^r by the polynomial of Cephes' expf (S. Moshier).
UNDERTONE_KERNEL Lane Exponential(Lane x) {
  const Lane held = Minimum(Maximum(x, Splat(-87.0f)), Splat(88.0f));
  const Lane n = RoundToInteger(held * Splat(1.44269504088896341f));
  Lane r = MultiplySubtract(n, Splat(0.693359375f), held);
  r = MultiplySubtract(n, Splat(-2.12194440e-4f), r);
  Lane p = Splat(1.9875691500e-4f);
  p = MultiplyAdd(p, r, Splat(1.3981999507e-3f));
  p = MultiplyAdd(p, r, Splat(8.3334519073e-3f));
  p = MultiplyAdd(p, r, Splat(4.1665795894e-2f));
  p = MultiplyAdd(p, r, Splat(1.6666665459e-1f));
  p = MultiplyAdd(p, r, Splat(5.0000001201e-1f));
  return MultiplyAdd(p, r * r, r + Splat(1.0f)) * PowerOfTwo(n);
}

// Sum of term(row) over `rows` rows, in blocks, so that the rounding error grows with the block and not with
// the frame.
constexpr size_t kSumBlock = 32;

// The block that begins at row `begin`.
template <typename Term>
UNDERTONE_KERNEL Lane SumBlock(size_t begin, size_t rows, const Term& term) {
  const size_t end = begin + kSumBlock < rows ? begin + kSumBlock : rows;
  Lane sum = term(begin);
  for (size_t row = begin + 1; row < end; ++row) sum = sum + term(row);
  return sum;
}

template <typename Term>
UNDERTONE_KERNEL Lane SumRows(size_t rows, const Term& term) {
  Lane total = Splat(0.0f);
  for (size_t begin = 0; begin < rows; begin += kSumBlock) total = total + SumBlock(begin, rows, term);
  return total;
}
