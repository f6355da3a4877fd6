#include "plan/cmvn.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace undertone {
namespace {

constexpr double kUtteranceFloor = 1e-20;
constexpr double kSlidingFloor = 1e-10;

void NormaliseUtterance(bool variance, float* rows, int64_t frames, size_t stride, size_t columns) {
  std::vector<double> means(columns, 0.0), scales(columns, variance ? 0.0 : 1.0);
  const auto for_each_row = [&](const auto& visit) {
    for (int64_t t = 0; t < frames; ++t) visit(rows + static_cast<size_t>(t) * stride);
  };
  for_each_row([&](const float* row) {
    for (size_t c = 0; c < columns; ++c) means[c] += row[c];
  });
  for (double& mean : means) mean /= static_cast<double>(frames);
  if (variance) {
    // Around the mean, in a second pass: sums of squares would cancel.
    for_each_row([&](const float* row) {
      for (size_t c = 0; c < columns; ++c) scales[c] += (row[c] - means[c]) * (row[c] - means[c]);
    });
    for (double& scale : scales) {
      scale = 1 / std::sqrt(std::max(scale / static_cast<double>(frames), kUtteranceFloor));
    }
  }
  for_each_row([&](float* row) {
    for (size_t c = 0; c < columns; ++c) row[c] = static_cast<float>((row[c] - means[c]) * scales[c]);
  });
}

struct Window {
  int64_t begin;
  int64_t end;
};

// The frames that frame `t` is normalised by. Neither end ever moves back, nor by more than one frame.
Window WindowOf(const CmvnSpec& cmvn, int64_t t, int64_t frames) {
  Window window{t - cmvn.window_frames, t + 1};
  if (cmvn.centre) {
    window.begin = t - cmvn.window_frames / 2;
    window.end = window.begin + cmvn.window_frames;
  }
  if (window.begin < 0) {
    window.end -= window.begin;
    window.begin = 0;
  }
  if (!cmvn.centre) window.end = std::max<int64_t>(t + 1, cmvn.min_window_frames);
  if (window.end > frames) {
    window.begin = std::max<int64_t>(0, window.begin - (window.end - frames));
    window.end = frames;
  }
  return window;
}

// Sums over a window, of values less those of the first frame: a constant column then sums to exactly 0.
struct Sums {
  std::vector<float> origin;
  std::vector<double> values;
  std::vector<double> squares;

  void Add(const float* row, double sign) {
    for (size_t c = 0; c < origin.size(); ++c) {
      const double x = static_cast<double>(row[c]) - origin[c];
      values[c] += sign * x;
      squares[c] += sign * x * x;
    }
  }
};

void NormaliseRow(const Sums& sums, bool variance, int64_t count, float* row) {
  const double share = 1 / static_cast<double>(count);
  for (size_t c = 0; c < sums.origin.size(); ++c) {
    const double mean = sums.values[c] * share;
    double value = static_cast<double>(row[c]) - sums.origin[c] - mean;
    if (variance) {
      const double spread = sums.squares[c] * share - mean * mean;
      value = count == 1 ? 0 : value / std::sqrt(std::max(spread, kSlidingFloor));
    }
    row[c] = static_cast<float>(value);
  }
}

void NormaliseSliding(const CmvnSpec& cmvn, float* rows, int64_t frames, size_t stride, size_t columns) {
  Sums sums{{rows, rows + columns}, std::vector<double>(columns), std::vector<double>(columns)};
  // Frames that have been normalised, as they were: the window still has to let go of them.
  const int64_t kept = std::min<int64_t>(frames, cmvn.window_frames + int64_t{2});
  std::vector<float> originals(static_cast<size_t>(kept) * columns);
  const auto original = [&](int64_t t) { return originals.data() + static_cast<size_t>(t % kept) * columns; };
  Window current{0, 0};
  for (int64_t t = 0; t < frames; ++t) {
    const Window window = WindowOf(cmvn, t, frames);
    for (; current.end < window.end; ++current.end) {
      sums.Add(rows + static_cast<size_t>(current.end) * stride, 1);
    }
    for (; current.begin < window.begin; ++current.begin) sums.Add(original(current.begin), -1);
    float* const row = rows + static_cast<size_t>(t) * stride;
    std::copy_n(row, columns, original(t));
    NormaliseRow(sums, cmvn.normalise_variance, window.end - window.begin, row);
  }
}

}  // namespace

void ApplyCmvn(const CmvnSpec& cmvn, float* rows, int64_t frames, size_t stride, size_t columns) {
  if (cmvn.scope == CmvnScope::kUtterance) {
    NormaliseUtterance(cmvn.normalise_variance, rows, frames, stride, columns);
  } else {
    NormaliseSliding(cmvn, rows, frames, stride, columns);
  }
}

}  // namespace undertone
