// The FFT of signal/fft.h over a tile, its butterflies shared out among a block's workers. The arithmetic is
// that of cpu/fft-inl.h, operation by operation. Included inside the kernels' namespace.

// Unit `index` of `count` of units worked on by one worker after the other: a worker's own units in order,
// with the quotient and the rest of a division by `span`, which costs one division a stage instead of one a
// unit.
class Walk {
 public:
  UNDERTONE_KERNEL Walk(int index, int span, int stride)
      : quotient_(index / span),
        rest_(index % span),
        span_(span),
        step_(stride / span),
        step_rest_(stride % span) {}
  UNDERTONE_KERNEL int quotient() const { return quotient_; }
  UNDERTONE_KERNEL int rest() const { return rest_; }
  UNDERTONE_KERNEL void Next() {
    quotient_ += step_;
    rest_ += step_rest_;
    if (rest_ >= span_) {
      rest_ -= span_;
      ++quotient_;
    }
  }

 private:
  int quotient_;
  int rest_;
  const int span_;
  const int step_;
  const int step_rest_;
};

// One pass in place; fetch(n) gives point n.
template <int kRadix, typename Fetch>
UNDERTONE_KERNEL void RunStage(const StageView& stage, int points, const Fetch& fetch, float* tile) {
  const int units = points / kRadix;
  Walk walk(WorkerIndex(), stage.span, WorkerCount());
  for (int unit = WorkerIndex(); unit < units; unit += WorkerCount(), walk.Next()) {
    const int j = walk.rest();
    const size_t first = static_cast<size_t>(walk.quotient() * kRadix * stage.span + j);
    const size_t span = static_cast<size_t>(stage.span);
    const Twiddle* twiddles = stage.twiddles + j * (kRadix - 1);
    Complex y[kRadix];
    SmallDft<kRadix>::Run([&](size_t q) { return fetch(first + q * span); },
                          [&](size_t p, Complex value) {
                            y[p] = p == 0 || stage.span == 1 ? value : Rotate(value, twiddles[p - 1]);
                          });
    UNDERTONE_UNROLL
    for (int p = 0; p < kRadix; ++p) StorePoint(y[p], tile, first + static_cast<size_t>(p) * span);
  }
}

template <typename Fetch>
UNDERTONE_KERNEL void RunStage(const StageView& stage, int points, const Fetch& fetch, float* tile) {
  switch (stage.radix) {
    case 1:
      return RunStage<1>(stage, points, fetch, tile);
    case 2:
      return RunStage<2>(stage, points, fetch, tile);
    case 3:
      return RunStage<3>(stage, points, fetch, tile);
    case 4:
      return RunStage<4>(stage, points, fetch, tile);
    default:
      return RunStage<5>(stage, points, fetch, tile);
  }
}

// The last pass and the split; two blocks of points at a time hold all that their frequencies need of each
// other.
template <int kRadix>
UNDERTONE_KERNEL void RunLastStageSplit(const FftView& fft, const float* tile, float* power) {
  const int blocks = fft.blocks;
  const auto store = [&](Complex a, Complex b, int k) {
    const PowerPair pair = SplitPower(a, b, fft.split_factors[k]);
    StoreRow(pair.low, power, static_cast<size_t>(k));
    StoreRow(pair.high, power, static_cast<size_t>(fft.complex_size - k));
  };
  for (int first = WorkerIndex(); 2 * first <= blocks; first += WorkerCount()) {
    const auto run_block = [&](int block, Complex(&y)[kRadix]) {
      const size_t at = static_cast<size_t>(fft.positions[block]);
      SmallDft<kRadix>::Run([&](size_t q) { return LoadPoint(tile, at + q); },
                            [&](size_t p, Complex value) { y[p] = value; });
    };
    Complex a[kRadix];
    run_block(first, a);
    if (first == 0) {
      const Lane direct = a[0].re + a[0].im;
      const Lane nyquist = a[0].re - a[0].im;
      const Lane four = Splat(4.0f);  // the samples were halved
      StoreRow(four * direct * direct, power, 0);
      StoreRow(four * nyquist * nyquist, power, static_cast<size_t>(fft.complex_size));
      UNDERTONE_UNROLL
      for (int p = 1; 2 * p <= kRadix; ++p) {
        if (p < kRadix) store(a[p], a[kRadix - p], p * blocks);
      }
    } else if (2 * first == blocks) {
      UNDERTONE_UNROLL
      for (int p = 0; 2 * p < kRadix; ++p) store(a[p], a[kRadix - 1 - p], first + p * blocks);
    } else {
      Complex b[kRadix];
      run_block(blocks - first, b);
      UNDERTONE_UNROLL
      for (int p = 0; p < kRadix; ++p) store(a[kRadix - 1 - p], b[p], first + (kRadix - 1 - p) * blocks);
    }
  }
}

UNDERTONE_KERNEL void LastStageSplit(const FftView& fft, const float* tile, float* power) {
  switch (fft.stages[fft.stage_count - 1].radix) {
    case 1:
      return RunLastStageSplit<1>(fft, tile, power);
    case 2:
      return RunLastStageSplit<2>(fft, tile, power);
    case 3:
      return RunLastStageSplit<3>(fft, tile, power);
    case 4:
      return RunLastStageSplit<4>(fft, tile, power);
    default:
      return RunLastStageSplit<5>(fft, tile, power);
  }
}

// Power spectrum of a tile of real frames. frames() gives a thread the function of which row n is sample(n),
// n < length. out: power, size / 2 + 1 rows.
template <typename Frames>
UNDERTONE_KERNEL void PowerSpectrum(const FftView& fft, int length, const Frames& frames, float* tile,
                                    float* power) {
  const int points = fft.complex_size;
  Step([&] {
    const auto sample = frames();
    const auto windowed = [&](size_t n) {
      return n < static_cast<size_t>(length) ? sample(static_cast<int>(n)) * Splat(fft.window[n])
                                             : Splat(0.0f);
    };
    if (fft.split) {
      RunStage(
          fft.stages[0], points,
          [&](size_t n) {
            return Complex{windowed(2 * n), windowed(2 * n + 1)};
          },
          tile);
    } else {
      RunStage(
          fft.stages[0], points,
          [&](size_t n) {
            return Complex{windowed(n), Splat(0.0f)};
          },
          tile);
    }
  });
  const int others = fft.stage_count - (fft.split ? 1 : 0);
  for (int i = 1; i < others; ++i) {
    Step([&] {
      RunStage(
          fft.stages[i], points, [&](size_t n) { return LoadPoint(tile, n); }, tile);
    });
  }
  if (fft.split) {
    Step([&] { LastStageSplit(fft, tile, power); });
    return;
  }
  Step([&] {
    for (int k = WorkerIndex(); k <= fft.size / 2; k += WorkerCount()) {
      const Complex point = LoadPoint(tile, static_cast<size_t>(fft.positions[k]));
      StoreRow(SquaredLength(point), power, static_cast<size_t>(k));
    }
  });
}
