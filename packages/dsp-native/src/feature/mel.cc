#include "signal/mel.h"

#include "feature/feature.h"

namespace undertone {

void PrepareMel(const FrontEndSpec& spec, FrameRecipe& recipe) {
  if (!spec.mel) return;
  MelTable table;
  table.weight_offset.push_back(0);
  for (const MelBand& band : MakeMelBands(*spec.mel, spec.sample_rate_hz, spec.frame.fft_size)) {
    table.first_bin.push_back(band.first_bin);
    table.weights.insert(table.weights.end(), band.weights.begin(), band.weights.end());
    table.weight_offset.push_back(static_cast<int>(table.weights.size()));
  }
  recipe.mel = std::move(table);
}

}  // namespace undertone
