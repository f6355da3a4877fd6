// Which columns the raw and the finished row have, from the features that a row is made of.
#include <variant>

#include "feature/descriptors.h"
#include "feature/feature.h"

namespace undertone {
namespace {

// One feature's place in both rows; `raw_columns` new columns of the raw row unless `shared` says where they
// are.
class RowBuilder {
 public:
  explicit RowBuilder(FrameRecipe& recipe) : recipe_(recipe) {}

  void Add(const FeatureSpec& feature, int raw_columns, int columns, int shared = kAbsent) {
    const int raw_column = shared != kAbsent ? shared : raw_columns > 0 ? recipe_.raw_columns : kAbsent;
    if (shared == kAbsent) recipe_.raw_columns += raw_columns;
    recipe_.parts.push_back({feature, raw_column, raw_columns, recipe_.columns, columns});
    recipe_.columns += columns;
  }

  int raw_column() const { return recipe_.parts.back().raw_column; }

 private:
  FrameRecipe& recipe_;
};

struct PlaceFeature {
  const FrontEndSpec& spec;
  FrameRecipe& recipe;
  RowBuilder row;
  const FeatureSpec& feature;

  void operator()(const SpectrumFeature&) {
    row.Add(feature, BinCount(spec.frame), BinCount(spec.frame));
    recipe.spectrum_column = row.raw_column();
  }
  void operator()(const MelFeature&) {
    row.Add(feature, recipe.mel->bands(), recipe.mel->bands());
    recipe.mel_column = row.raw_column();
  }
  void operator()(const LogFeature&) {
    row.Add(feature, recipe.log_columns(), recipe.spectral_columns(), recipe.log_column);
    recipe.log_column = row.raw_column();
  }
  void operator()(const CepstrumFeature&) {
    if (recipe.cepstra_deferred) {
      row.Add(feature, recipe.log_columns(), recipe.cepstra_columns(), recipe.log_column);
      recipe.log_column = row.raw_column();
      return;
    }
    row.Add(feature, recipe.cepstra_columns(), recipe.cepstra_columns());
    recipe.cepstra_column = row.raw_column();
  }
  template <typename Feature>
  void operator()(const Feature& descriptor) {
    Descriptor made = MakeDescriptor(descriptor, spec);
    row.Add(feature, 1, 1);
    made.raw_column = row.raw_column();
    recipe.descriptors.push_back(std::move(made));
  }
  void operator()(const ContrastFeature& contrast) {
    Descriptor made = MakeDescriptor(contrast, spec);
    const int bands = std::get<ContrastTable>(made.table).count;
    row.Add(feature, 2 * bands, bands);
    made.raw_column = row.raw_column();
    recipe.descriptors.push_back(std::move(made));
  }
  void operator()(const ChromaFeature&) { row.Add(feature, 0, 12); }
  void operator()(const ChromaCqtFeature&) { row.Add(feature, 0, 12); }
  void operator()(const TonnetzFeature&) { row.Add(feature, 0, 6); }
  void operator()(const PitchFeature&) { row.Add(feature, 0, 4); }
};

}  // namespace

void PrepareRow(const FrontEndSpec& spec, FrameRecipe& recipe) {
  recipe.descriptor_fft_size = spec.spectrum.descriptor_fft_size.value_or(spec.frame.fft_size);
  for (const FeatureSpec& feature : RowFeatures(spec)) {
    std::visit(PlaceFeature{spec, recipe, RowBuilder(recipe), feature}, feature);
  }
}

}  // namespace undertone
