#include "feature/recipe.h"

namespace undertone {

int FrameRecipe::frame_columns() const {
  if (cepstra_deferred) return spectral_columns() + (log_energy ? 1 : 0);
  return base_columns();
}

int FrameRecipe::base_columns() const {
  if (!cepstrum) return spectral_columns();
  return cepstrum->rows + (log_energy ? 1 : 0);
}

}  // namespace undertone
