#include <algorithm>
#include <cmath>
#include <numbers>

#include "feature/feature.h"

namespace undertone {
namespace {

// Factor of the natural logarithm: dB is 10 log10 of power and 20 log10 of magnitude.
double LogScale(LogKind kind, bool magnitude) {
  switch (kind) {
    case LogKind::kLn:
      return 1;
    case LogKind::kLog10:
      return 1 / std::numbers::ln10;
    case LogKind::kDb:
      return (magnitude ? 20 : 10) / std::numbers::ln10;
  }
  return 1;
}

}  // namespace

// A reference of 'max' is subtracted by the plan, once the utterance's maximum is known.
void PrepareLog(const FrontEndSpec& spec, FrameRecipe& recipe) {
  if (!spec.log) return;
  double scale = LogScale(spec.log->kind, recipe.magnitude);
  const double decibel = scale / LogScale(LogKind::kDb, recipe.magnitude);
  double offset = 0;
  if (const double* reference = std::get_if<double>(&spec.log->reference)) {
    // librosa.power_to_db holds the reference above the floor as well.
    offset = *reference == 1 ? 0 : -scale * std::log(std::max(*reference, spec.log->floor));
  }
  double add = spec.log->add, multiply = spec.log->multiply;
  if (!NeedsUtterancePeak(*spec.log)) {
    offset = (offset + add) * multiply;
    scale *= multiply;
    add = 0;
    multiply = 1;
  }
  recipe.log = {static_cast<float>(spec.log->floor), static_cast<float>(scale), static_cast<float>(offset),
                static_cast<float>(decibel),         static_cast<float>(add),   static_cast<float>(multiply)};
}

}  // namespace undertone
