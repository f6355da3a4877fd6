#include "signal/delta.h"

#include <algorithm>

namespace undertone {
namespace {

// Slope of the least-squares line: j / sum j^2.
std::vector<double> SlopeKernel(int width) {
  const int half = width / 2;
  double norm = 0;
  for (int j = -half; j <= half; ++j) norm += static_cast<double>(j) * j;
  std::vector<double> kernel;
  for (int j = -half; j <= half; ++j) kernel.push_back(j / norm);
  return kernel;
}

// Second derivative of the least-squares parabola: 2 (j^2 - mean j^2) / sum (j^2 - mean j^2)^2.
std::vector<double> CurvatureKernel(int width) {
  const int half = width / 2;
  std::vector<double> kernel;
  double mean = 0;
  for (int j = -half; j <= half; ++j) mean += static_cast<double>(j) * j / width;
  double norm = 0;
  for (int j = -half; j <= half; ++j) {
    kernel.push_back(static_cast<double>(j) * j - mean);
    norm += kernel.back() * kernel.back();
  }
  for (double& weight : kernel) weight *= 2 / norm;
  return kernel;
}

std::vector<double> Convolve(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> product(a.size() + b.size() - 1, 0.0);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) product[i + j] += a[i] * b[j];
  }
  return product;
}

// One row of deltas: sum_k weights[k] * base row at `centre` - half + k, frames beyond the ends repeated.
void DeltaRow(const DeltaKernel& kernel, const float* rows, int64_t frames, size_t stride, size_t columns,
              int64_t centre, std::vector<double>& sums, float* out) {
  std::fill(sums.begin(), sums.end(), 0.0);
  for (size_t k = 0; k < kernel.weights.size(); ++k) {
    const int64_t at = std::clamp<int64_t>(centre - kernel.half() + static_cast<int64_t>(k), 0, frames - 1);
    const float* row = rows + at * stride;
    for (size_t c = 0; c < columns; ++c) sums[c] += kernel.weights[k] * row[c];
  }
  for (size_t c = 0; c < columns; ++c) out[c] = static_cast<float>(sums[c]);
}

}  // namespace

int64_t DeltaEdge(const DeltaSpec& deltas, size_t order) {
  return deltas.convention == DeltaConvention::kDifference ? static_cast<int64_t>(order) : 0;
}

std::vector<DeltaKernel> MakeDeltaKernels(const DeltaSpec& deltas) {
  if (deltas.convention == DeltaConvention::kDifference) {
    std::vector<DeltaKernel> kernels{{{-1, 1, 0}}, {{1, -2, 1, 0, 0}}};
    kernels.resize(static_cast<size_t>(deltas.order));
    return kernels;
  }
  const std::vector<double> slope = SlopeKernel(deltas.width);
  std::vector<DeltaKernel> kernels{{slope}};
  if (deltas.order == 2) {
    const bool kaldi = deltas.convention == DeltaConvention::kKaldi;
    kernels.push_back({kaldi ? Convolve(slope, slope) : CurvatureKernel(deltas.width)});
  }
  return kernels;
}

void AppendDeltas(const DeltaSpec& deltas, const std::vector<DeltaKernel>& kernels, float* rows,
                  int64_t frames, size_t stride, size_t columns) {
  std::vector<double> sums(columns);
  for (size_t order = 0; order < kernels.size(); ++order) {
    const DeltaKernel& kernel = kernels[order];
    for (int64_t t = 0; t < frames; ++t) {
      int64_t centre = t;
      if (deltas.convention == DeltaConvention::kLibrosa) {
        centre = std::clamp<int64_t>(t, kernel.half(), frames - 1 - kernel.half());
      }
      float* out = rows + t * stride + (order + 1) * columns;
      if (t < DeltaEdge(deltas, order + 1)) {
        std::fill_n(out, columns, 0.0f);
        continue;
      }
      DeltaRow(kernel, rows, frames, stride, columns, centre, sums, out);
    }
  }
}

}  // namespace undertone
