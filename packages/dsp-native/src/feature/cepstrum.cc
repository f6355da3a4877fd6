#include "feature/feature.h"
#include "signal/dct.h"

namespace undertone {

// The lifter is folded into the matrix: row i is the DCT's row i times its factor. Row 0 is left out when c0
// is.
void PrepareCepstrum(const FrontEndSpec& spec, FrameRecipe& recipe) {
  if (!spec.cepstrum) return;
  const CepstrumSpec& cepstrum = *spec.cepstrum;
  const int bands = spec.mel->bands;
  const auto dct = MakeDct(cepstrum.coefficients, bands);
  const auto lifter = MakeLifter(cepstrum.coefficients, cepstrum.lifter_length, cepstrum.lifter_first_index);
  const int first_row = cepstrum.c0 == FirstCepstrum::kCepstrum ? 0 : 1;

  CepstrumTable table{cepstrum.coefficients - first_row, bands, {}, {}};
  for (int row = first_row; row < cepstrum.coefficients; ++row) {
    double sum = 0;
    for (int b = 0; b < bands; ++b) {
      const double value = lifter[row] * dct[static_cast<size_t>(row) * bands + b];
      sum += value;
      table.matrix.push_back(static_cast<float>(value));
    }
    table.row_sums.push_back(static_cast<float>(sum));
  }
  recipe.cepstrum = std::move(table);
  recipe.log_energy = cepstrum.c0 == FirstCepstrum::kLogEnergy;
  recipe.cepstra_deferred = NeedsUtterancePeak(*spec.log);
}

}  // namespace undertone
