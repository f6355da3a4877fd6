#include "plan/statistics.h"

#include <algorithm>
#include <cmath>

namespace undertone {
namespace {

std::vector<double> Means(const float* rows, int64_t frames, size_t columns) {
  std::vector<double> means(columns, 0.0);
  for (int64_t t = 0; t < frames; ++t) {
    for (size_t c = 0; c < columns; ++c) means[c] += rows[t * columns + c];
  }
  for (double& mean : means) mean /= static_cast<double>(frames);
  return means;
}

// Around the mean, in a second pass: sums of squares would cancel.
std::vector<double> Deviations(const float* rows, int64_t frames, size_t columns) {
  const std::vector<double> means = Means(rows, frames, columns);
  std::vector<double> deviations(columns, 0.0);
  for (int64_t t = 0; t < frames; ++t) {
    for (size_t c = 0; c < columns; ++c) {
      const double difference = rows[t * columns + c] - means[c];
      deviations[c] += difference * difference;
    }
  }
  for (double& deviation : deviations) deviation = std::sqrt(deviation / static_cast<double>(frames));
  return deviations;
}

template <typename Choose>
std::vector<double> Extremes(const float* rows, int64_t frames, size_t columns, Choose choose) {
  std::vector<double> extremes(rows, rows + columns);
  for (int64_t t = 1; t < frames; ++t) {
    for (size_t c = 0; c < columns; ++c) {
      extremes[c] = choose(extremes[c], static_cast<double>(rows[t * columns + c]));
    }
  }
  return extremes;
}

std::vector<double> Summary(Statistic statistic, const float* rows, int64_t frames, size_t columns) {
  switch (statistic) {
    case Statistic::kMean:
      return Means(rows, frames, columns);
    case Statistic::kStd:
      return Deviations(rows, frames, columns);
    case Statistic::kMin:
      return Extremes(rows, frames, columns, [](double a, double b) { return std::min(a, b); });
    case Statistic::kMax:
      return Extremes(rows, frames, columns, [](double a, double b) { return std::max(a, b); });
  }
  return {};
}

}  // namespace

void SummariseRows(const std::vector<Statistic>& statistics, const float* rows, int64_t frames,
                   size_t columns, float* out) {
  for (const Statistic statistic : statistics) {
    for (const double value : Summary(statistic, rows, frames, columns)) *out++ = static_cast<float>(value);
  }
}

}  // namespace undertone
