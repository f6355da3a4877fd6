// Contract and counts in work.h.
#include "plan/work.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "plan/one_row.h"

namespace undertone {
namespace {

constexpr double kLogarithm = 20;

using Count = std::optional<double>;

// Operations of one descriptor: a line a kind.
struct CountDescriptor {
  double length;
  double bins;

  double values() const { return bins > 0 ? bins : length; }

  Count operator()(const ZeroCrossingTable&) const { return 2 * length; }
  Count operator()(const MeanSquareTable&) const { return 2 * length; }
  Count operator()(const BlockEntropyTable& table) const {
    return 2 * values() + (kLogarithm + 3) * table.blocks;
  }
  Count operator()(const SpectralMomentTable& table) const {
    if (table.moment == SpectralMoment::kCentroid) return 3 * bins;
    return (table.moment == SpectralMoment::kBandwidth ? 4 : 5) * bins;
  }
  Count operator()(const FluxTable&) const { return 5 * bins; }
  Count operator()(const FlatnessTable&) const { return (kLogarithm + 3) * bins; }
  Count operator()(const RollOffTable&) const { return 3 * bins; }
  Count operator()(const SlopeTable&) const { return 3 * bins; }
  template <typename Table>
  Count operator()(const Table&) const {
    return std::nullopt;
  }
};

// A column's share of one frame.
Count CountStatistic(StatisticKind kind) {
  switch (kind) {
    case StatisticKind::kFirst:
    case StatisticKind::kLast:
      return 0;
    case StatisticKind::kMean:
    case StatisticKind::kMin:
    case StatisticKind::kMax:
      return 1;
    case StatisticKind::kRange:
    case StatisticKind::kSlope:
      return 2;
    case StatisticKind::kVariance:
    case StatisticKind::kStd:
      return 3;
    case StatisticKind::kSkewness:
    case StatisticKind::kKurtosis:
      return 6;
    default:
      return std::nullopt;
  }
}

// Of one order, a column.
double DeltaOperations(const DeltaSpec& deltas) {
  return deltas.convention == DeltaConvention::kDifference ? 1 : 2.0 * deltas.width;
}

double WeightCount(const MelTable& mel) {
  double count = 0;
  for (const MelWeights& pair : mel.weights) count += (pair.falling != 0) + (pair.rising != 0);
  return count;
}

double PowerOperations(double points) {
  return 2.5 * points * std::log2(points) + 3 * std::floor(points / 2 + 1);
}

bool HasChain(const FrameRecipe& recipe) {
  return std::max({recipe.spectrum_column, recipe.mel_column, recipe.log_column, recipe.cepstra_column}) !=
         kAbsent;
}

// What comes before the stages that make columns.
double SpectrumOperations(const FrontEndSpec& spec, const FrameRecipe& recipe) {
  const double length = spec.frame.length_samples;
  const bool chain = HasChain(recipe);
  const bool describes = recipe.has_descriptors(DescriptorDomain::kSpectrum);
  const bool apart = recipe.descriptor_fft_size != spec.frame.fft_size;
  double operations = 0;
  if (spec.frame.remove_dc) operations += 2 * length;
  if (recipe.log_energy) operations += 2 * length + kLogarithm;
  if (spec.frame.pre_emphasis != 0) operations += 2 * length;
  if (chain || describes || recipe.has_descriptors(DescriptorDomain::kWindowed)) operations += length;
  if (chain || (describes && !apart)) operations += PowerOperations(spec.frame.fft_size);
  if (chain && recipe.magnitude) operations += BinCount(spec.frame);
  if (describes && apart) operations += PowerOperations(recipe.descriptor_fft_size);
  if (describes) operations += recipe.descriptor_fft_size / 2 + 1;
  return operations;
}

double ChainOperations(const FrontEndSpec& spec, const FrameRecipe& recipe) {
  const double values = recipe.spectral_columns();
  const bool cepstra = recipe.cepstra_column != kAbsent || recipe.cepstra_deferred;
  const bool logarithms = recipe.log_column != kAbsent || cepstra;
  double operations = 0;
  if (recipe.mel && (recipe.mel_column != kAbsent || logarithms)) {
    operations += 2 * WeightCount(*recipe.mel);
  }
  if (logarithms) operations += (NeedsUtterancePeak(*spec.log) ? kLogarithm + 3 : kLogarithm) * values;
  if (cepstra) operations += 2.0 * recipe.cepstrum->rows * recipe.cepstrum->bands;
  return operations;
}

}  // namespace

std::optional<FrameWork> CountFrameWork(const FrontEndSpec& spec, const FrameRecipe& recipe) {
  const auto is_track = [](const RowPart& part) { return part.raw_column == kAbsent; };
  if (spec.samples.gate || std::any_of(recipe.parts.begin(), recipe.parts.end(), is_track)) {
    return std::nullopt;
  }
  double operations = SpectrumOperations(spec, recipe) + ChainOperations(spec, recipe);
  for (const Descriptor& descriptor : recipe.descriptors) {
    const CountDescriptor count{static_cast<double>(spec.frame.length_samples),
                                static_cast<double>(descriptor.bins)};
    const Count found = std::visit(count, descriptor.table);
    if (!found) return std::nullopt;
    operations += *found;
  }

  double columns = recipe.columns;
  if (spec.cmvn) operations += (spec.cmvn->normalise_variance ? 5 : 2) * columns;
  if (spec.deltas) {
    operations += DeltaOperations(*spec.deltas) * columns * spec.deltas->order;
    columns *= 1 + spec.deltas->order;
  }
  for (const Statistic& statistic : spec.statistics) {
    const Count found = CountStatistic(statistic.kind);
    if (!found) return std::nullopt;
    operations += *found * columns;
  }
  const double written = OneRowPerUtterance(spec) ? 0 : columns;
  return FrameWork{operations, 4.0 * (spec.frame.hop_samples + written)};
}

}  // namespace undertone
