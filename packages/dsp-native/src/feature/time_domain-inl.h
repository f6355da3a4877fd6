// Descriptors of a frame's samples. Included inside a backend's kernel namespace: see feature.h.
// in: FrameView::samples, `length` rows. out: one row each.

// Sign of a sample: -1, 0 or 1; `threshold` and smaller count as 0.
UNDERTONE_KERNEL Lane SignOf(Lane x, Lane threshold) {
  const Lane positive = SelectLess(threshold, x, Splat(1.0f), Splat(0.0f));
  return SelectLess(x, Splat(0.0f) - threshold, Splat(-1.0f), positive);
}

// Zero-crossing rate. librosa.feature.zero_crossing_rate: share of the frame's samples whose sign bit differs
// from the one before it, 0 counting as positive. pyAudioAnalysis: sum |sign[n] - sign[n - 1]| / (2 (length -
// 1)). Pairs that reach beyond the recording are no crossings, whatever the padding.
UNDERTONE_KERNEL Lane ComputeDescriptor(const ZeroCrossingTable& table, const FrameView& frame) {
  const Lane threshold = Splat(table.threshold);
  const Lane zero = Splat(0.0f);
  const Lane first = LoadRow(frame.first_inside, 0);
  const Lane end = LoadRow(frame.end_inside, 0);
  const auto sign = [&](size_t row) UNDERTONE_LAMBDA {
    const Lane x = LoadRow(frame.samples, row);
    if (table.half_at_zero) return SignOf(x, threshold);
    return SelectLess(x, zero - threshold, Splat(-1.0f), Splat(1.0f));
  };
  Lane previous = sign(0);
  Lane crossings = zero;
  for (size_t row = 1; row < frame.length; ++row) {
    const Lane current = sign(row);
    const Lane here = Splat(static_cast<float>(row));
    const Lane steps = SelectLess(here, end, AbsoluteValue(current - previous), zero);
    crossings = crossings + SelectLess(first, here, steps, zero);
    previous = current;
  }
  // A crossing is a step of 2, or of 1 to a zero and another 1 from it.
  return crossings * Splat(0.5f * table.scale);
}

// Mean square (pyAudioAnalysis' energy), or its root (librosa.feature.rms).
UNDERTONE_KERNEL Lane ComputeDescriptor(const MeanSquareTable& table, const FrameView& frame) {
  const Lane sum = SumRows(frame.length, [&](size_t row) UNDERTONE_LAMBDA {
    const Lane x = LoadRow(frame.samples, row);
    return x * x;
  });
  const Lane mean = sum / Splat(static_cast<float>(frame.length));
  return table.root ? SquareRoot(mean) : mean;
}
