#include "signal/mel.h"

#include <algorithm>

#include "core/status.h"
#include "feature/feature.h"

namespace undertone {
namespace {

float WeightAt(const std::vector<MelBand>& bands, int band, int bin) {
  if (band < 0 || band >= static_cast<int>(bands.size())) return 0;
  const int at = bin - bands[band].first_bin;
  const bool inside = at >= 0 && at < static_cast<int>(bands[band].weights.size());
  return inside ? static_cast<float>(bands[band].weights[at]) : 0.0f;
}

// The segment that a bin falls into, at least `earliest`: that of the highest band it lies under, or the next
// one where only that band's falling side is left. -1 under no band.
int SegmentOf(const std::vector<MelBand>& bands, int bin, int earliest) {
  for (int band = static_cast<int>(bands.size()) - 1; band >= 0; --band) {
    if (WeightAt(bands, band, bin) != 0) return std::max(band, earliest);
  }
  return -1;
}

}  // namespace

void PrepareMel(const FrontEndSpec& spec, FrameRecipe& recipe) {
  if (!spec.mel) return;
  const std::vector<MelBand> bands = MakeMelBands(*spec.mel, spec.sample_rate_hz, spec.frame.fft_size);
  const int segments = static_cast<int>(bands.size()) + 1;
  std::vector<int> first(segments, 0);
  std::vector<int> end(segments, 0);
  int segment = 0;
  for (int bin = 0; bin < BinCount(spec.frame); ++bin) {
    const int found = SegmentOf(bands, bin, segment);
    if (found < 0) continue;
    if (end[found] == 0) first[found] = bin;
    end[found] = bin + 1;
    segment = found;
  }
  MelTable table;
  for (segment = 0; segment < segments; ++segment) {
    table.first_bin.push_back(first[segment]);
    table.weight_offset.push_back(static_cast<int>(table.weights.size()));
    for (int bin = first[segment]; bin < end[segment]; ++bin) {
      table.weights.push_back({WeightAt(bands, segment - 1, bin), WeightAt(bands, segment, bin)});
    }
  }
  table.weight_offset.push_back(static_cast<int>(table.weights.size()));
  recipe.mel = std::move(table);
}

}  // namespace undertone
