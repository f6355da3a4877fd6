#include "feature/feature.h"
#include "signal/window.h"

namespace undertone {

void PrepareSpectrum(const FrontEndSpec& spec, FrameRecipe& recipe) {
  const auto window = MakeWindow(spec.frame.window, spec.frame.window_symmetry, spec.frame.length_samples);
  recipe.window.assign(window.begin(), window.end());
  recipe.magnitude = spec.spectrum.kind == SpectrumKind::kMagnitude;
}

}  // namespace undertone
