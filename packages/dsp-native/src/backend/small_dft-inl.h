// Complex points of a tile, small DFTs, and the split of a real FFT. Included inside a backend's kernel
// namespace, after its lane operations.

struct Complex {
  Lane re;
  Lane im;
};

// Point n of a tile: rows 2n (real) and 2n + 1 (imaginary).
UNDERTONE_KERNEL Complex LoadPoint(const float* tile, size_t n) {
  return {LoadRow(tile, 2 * n), LoadRow(tile, 2 * n + 1)};
}
UNDERTONE_KERNEL void StorePoint(Complex value, float* tile, size_t n) {
  StoreRow(value.re, tile, 2 * n);
  StoreRow(value.im, tile, 2 * n + 1);
}

UNDERTONE_KERNEL Complex Add(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
UNDERTONE_KERNEL Complex Subtract(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
// a + b s and a + i b s for a real factor s.
UNDERTONE_KERNEL Complex AddScaled(Complex a, Complex b, Lane s) {
  return {MultiplyAdd(b.re, s, a.re), MultiplyAdd(b.im, s, a.im)};
}
UNDERTONE_KERNEL Complex AddTurned(Complex a, Complex b) { return {a.re - b.im, a.im + b.re}; }
UNDERTONE_KERNEL Complex SubtractTurned(Complex a, Complex b) { return {a.re + b.im, a.im - b.re}; }
UNDERTONE_KERNEL Complex Rotate(Complex a, Twiddle w) {
  const Lane re = Splat(w.re);
  const Lane im = Splat(w.im);
  return {MultiplySubtract(a.im, im, a.re * re), MultiplyAdd(a.im, re, a.re * im)};
}

// DFT of kRadix points: y[p] = sum_q x[q] e^(-2 pi i p q / kRadix). fetch(q) gives x[q], emit(p, y[p]) takes
// a result; both are called where the value is needed or ready, so that loads, additions, twiddles and stores
// of one call keep every unit of the machine busy side by side. Larger radices than 5 would save passes over
// the memory, but need more values at a time than there are registers, which costs more than it saves.
template <int kRadix>
struct SmallDft;

template <>
struct SmallDft<1> {
  template <typename Fetch, typename Emit>
  static UNDERTONE_KERNEL void Run(const Fetch& fetch, const Emit& emit) {
    emit(0, fetch(0));
  }
};

template <>
struct SmallDft<2> {
  template <typename Fetch, typename Emit>
  static UNDERTONE_KERNEL void Run(const Fetch& fetch, const Emit& emit) {
    const Complex x0 = fetch(0);
    const Complex x1 = fetch(1);
    emit(0, Add(x0, x1));
    emit(1, Subtract(x0, x1));
  }
};

template <>
struct SmallDft<3> {
  template <typename Fetch, typename Emit>
  static UNDERTONE_KERNEL void Run(const Fetch& fetch, const Emit& emit) {
    const Lane kSin = Splat(0.86602540378443864676f);
    const Complex x0 = fetch(0);
    const Complex x1 = fetch(1);
    const Complex x2 = fetch(2);
    const Complex sum = Add(x1, x2);
    const Complex difference = Subtract(x1, x2);
    const Complex middle = AddScaled(x0, sum, Splat(-0.5f));
    const Complex turned = {difference.re * kSin, difference.im * kSin};
    emit(0, Add(x0, sum));
    emit(1, SubtractTurned(middle, turned));
    emit(2, AddTurned(middle, turned));
  }
};

template <>
struct SmallDft<4> {
  template <typename Fetch, typename Emit>
  static UNDERTONE_KERNEL void Run(const Fetch& fetch, const Emit& emit) {
    const Complex x0 = fetch(0);
    const Complex x2 = fetch(2);
    const Complex even_sum = Add(x0, x2);
    const Complex even_difference = Subtract(x0, x2);
    const Complex x1 = fetch(1);
    const Complex x3 = fetch(3);
    const Complex odd_sum = Add(x1, x3);
    const Complex odd_difference = Subtract(x1, x3);
    emit(0, Add(even_sum, odd_sum));
    emit(1, SubtractTurned(even_difference, odd_difference));
    emit(2, Subtract(even_sum, odd_sum));
    emit(3, AddTurned(even_difference, odd_difference));
  }
};

// Four points of which the last is 0.
struct SmallDft4OfThree {
  template <typename Fetch, typename Emit>
  static UNDERTONE_KERNEL void Run(const Fetch& fetch, const Emit& emit) {
    const Complex x0 = fetch(0);
    const Complex x2 = fetch(2);
    const Complex even_sum = Add(x0, x2);
    const Complex even_difference = Subtract(x0, x2);
    const Complex x1 = fetch(1);
    emit(0, Add(even_sum, x1));
    emit(1, SubtractTurned(even_difference, x1));
    emit(2, Subtract(even_sum, x1));
    emit(3, AddTurned(even_difference, x1));
  }
};

template <>
struct SmallDft<5> {
  template <typename Fetch, typename Emit>
  static UNDERTONE_KERNEL void Run(const Fetch& fetch, const Emit& emit) {
    const Lane kCos1 = Splat(0.30901699437494742410f);
    const Lane kCos2 = Splat(-0.80901699437494742410f);
    const Lane kSin1 = Splat(0.95105651629515357212f);
    const Lane kSin2 = Splat(0.58778525229247312917f);
    const Complex x0 = fetch(0);
    const Complex x1 = fetch(1);
    const Complex x4 = fetch(4);
    const Complex sum1 = Add(x1, x4);
    const Complex difference1 = Subtract(x1, x4);
    const Complex x2 = fetch(2);
    const Complex x3 = fetch(3);
    const Complex sum2 = Add(x2, x3);
    const Complex difference2 = Subtract(x2, x3);
    const Complex middle1 = AddScaled(AddScaled(x0, sum1, kCos1), sum2, kCos2);
    const Complex middle2 = AddScaled(AddScaled(x0, sum1, kCos2), sum2, kCos1);
    const Complex turned1 = {MultiplyAdd(difference2.re, kSin2, difference1.re * kSin1),
                             MultiplyAdd(difference2.im, kSin2, difference1.im * kSin1)};
    const Complex turned2 = {MultiplySubtract(difference2.re, kSin1, difference1.re * kSin2),
                             MultiplySubtract(difference2.im, kSin1, difference1.im * kSin2)};
    emit(0, Add(x0, Add(sum1, sum2)));
    emit(1, SubtractTurned(middle1, turned1));
    emit(2, SubtractTurned(middle2, turned2));
    emit(3, AddTurned(middle2, turned2));
    emit(4, AddTurned(middle1, turned1));
  }
};

UNDERTONE_KERNEL Lane SquaredLength(Complex a) { return MultiplyAdd(a.re, a.re, a.im * a.im); }

struct PowerPair {
  Lane low;   // bin k
  Lane high;  // bin M - k
};

// Power of bins k and M - k from Z[k] and Z[M - k] of the half-size FFT, M = size / 2:
// X[k] = E + w^k O and X[M - k] = conj(E - w^k O), E = Z[k] + conj Z[M - k], O = -i (Z[k] - conj Z[M - k]).
// The samples were halved beforehand, so that the halves of the formula's E and O are there already.
UNDERTONE_KERNEL PowerPair SplitPower(Complex a, Complex b, Twiddle factor) {
  const Complex even = {a.re + b.re, a.im - b.im};
  const Complex odd = Rotate({a.im + b.im, b.re - a.re}, factor);
  return {SquaredLength(Add(even, odd)), SquaredLength(Subtract(even, odd))};
}
