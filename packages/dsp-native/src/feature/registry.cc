// ★ The stages of the per-frame chain, one line each, in order.
#include "feature/feature.h"

namespace undertone {
namespace {

constexpr FeatureStage kStages[] = {
    {"spectrum", PrepareSpectrum}, {"mel", PrepareMel},      {"log", PrepareLog},
    {"cepstrum", PrepareCepstrum}, {"features", PrepareRow},
};

}  // namespace

std::span<const FeatureStage> FeatureStages() { return kStages; }

}  // namespace undertone
