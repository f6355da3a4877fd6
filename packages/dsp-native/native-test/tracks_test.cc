// Deltas and statistics of feature tracks against their plain definitions, over random shapes.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "expect.h"
#include "plan/statistics.h"
#include "signal/delta.h"
#include "tests.h"

namespace undertone::test {
namespace {

// Kaldi's slope at frame t of one column: sum j (x[t + j] - x[t - j]) / (2 sum j^2), edge frames repeated.
double Slope(const std::vector<double>& track, int64_t t, int width) {
  const auto last = static_cast<int64_t>(track.size()) - 1;
  const auto at = [&](int64_t i) { return track[static_cast<size_t>(std::clamp<int64_t>(i, 0, last))]; };
  double sum = 0;
  double norm = 0;
  for (int j = 1; j <= width / 2; ++j) {
    sum += j * (at(t + j) - at(t - j));
    norm += 2.0 * j * j;
  }
  return sum / norm;
}

// Kaldi's second order is the slope of the slope of a track that goes on with its edge frames for ever.
double SlopeOfSlope(const std::vector<double>& track, int64_t t, int width) {
  const auto edge = static_cast<size_t>(width);
  std::vector<double> extended(edge, track.front());
  extended.insert(extended.end(), track.begin(), track.end());
  extended.insert(extended.end(), edge, track.back());
  std::vector<double> slopes;
  for (size_t i = 0; i < extended.size(); ++i) {
    slopes.push_back(Slope(extended, static_cast<int64_t>(i), width));
  }
  return Slope(slopes, t + width, width);
}

void CheckDeltas(Random& random) {
  const DeltaSpec deltas{1 + random.Below(2), 3 + 2 * random.Below(6), DeltaConvention::kKaldi};
  const std::vector<DeltaKernel> kernels = MakeDeltaKernels(deltas);
  const int64_t frames = 1 + random.Below(30);
  const auto columns = static_cast<size_t>(1 + random.Below(7));
  const size_t stride = columns * (1 + kernels.size()) + static_cast<size_t>(random.Below(3));
  const auto rows = ExactBlock<float>(static_cast<size_t>(frames) * stride);
  for (int64_t t = 0; t < frames; ++t) {
    for (size_t c = 0; c < columns; ++c) rows[static_cast<size_t>(t) * stride + c] = random.Uniform(-1, 1);
  }
  AppendDeltas(deltas, kernels, rows.get(), frames, stride, columns);
  for (size_t c = 0; c < columns; ++c) {
    std::vector<double> track;
    for (int64_t t = 0; t < frames; ++t) track.push_back(rows[static_cast<size_t>(t) * stride + c]);
    for (int64_t t = 0; t < frames; ++t) {
      const float* row = rows.get() + static_cast<size_t>(t) * stride;
      const double first = Slope(track, t, deltas.width);
      Expect(std::abs(row[columns + c] - first) < 1e-6, "delta %g, expected %g", row[columns + c], first);
      if (deltas.order == 1) continue;
      const double second = SlopeOfSlope(track, t, deltas.width);
      Expect(std::abs(row[2 * columns + c] - second) < 1e-6, "delta-delta %g, expected %g",
             row[2 * columns + c], second);
    }
  }
}

void CheckStatistics(Random& random) {
  const std::vector<Statistic> statistics{
      {StatisticKind::kMean}, {StatisticKind::kStd}, {StatisticKind::kMin}, {StatisticKind::kMax}};
  const int64_t frames = random.Below(4) == 0 ? 1 : 1 + random.Below(300);
  const auto columns = static_cast<size_t>(1 + random.Below(9));
  const auto rows = ExactBlock<float>(static_cast<size_t>(frames) * columns);
  // Far from 0, where sums of squares would cancel.
  for (size_t i = 0; i < static_cast<size_t>(frames) * columns; ++i) rows[i] = 1000 + random.Uniform(-1, 1);
  const auto out = ExactBlock<float>(statistics.size() * columns);
  Summariser(statistics, 0.01).Summarise({rows.get(), frames, columns, columns}, out.get());
  for (size_t c = 0; c < columns; ++c) {
    double sum = 0;
    double low = rows[c];
    double high = rows[c];
    for (int64_t t = 0; t < frames; ++t) {
      const double x = rows[static_cast<size_t>(t) * columns + c];
      sum += x;
      low = std::min(low, x);
      high = std::max(high, x);
    }
    const double mean = sum / static_cast<double>(frames);
    double squares = 0;
    for (int64_t t = 0; t < frames; ++t) {
      const double x = rows[static_cast<size_t>(t) * columns + c];
      squares += (x - mean) * (x - mean);
    }
    const double expected[] = {mean, std::sqrt(squares / static_cast<double>(frames)), low, high};
    for (size_t s = 0; s < statistics.size(); ++s) {
      const float value = out[s * columns + c];
      Expect(std::abs(value - expected[s]) <= 1e-6 * std::abs(expected[s]) + 1e-9,
             "statistic %zu: %g, expected %g", s, value, expected[s]);
    }
  }
}

}  // namespace

void TestTracks() {
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    CheckDeltas(random);
    CheckStatistics(random);
  }
}

}  // namespace undertone::test
