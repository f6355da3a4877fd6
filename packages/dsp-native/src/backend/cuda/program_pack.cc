#include "backend/cuda/program_pack.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <variant>

#include "core/status.h"

namespace undertone::cuda {
namespace {

// What the device reads as a whole begins at a multiple of this.
constexpr size_t kAlignment = 16;

// Lays arrays one behind the other.
class ImageWriter {
 public:
  ImageWriter(const void* base, std::vector<std::byte>* image)
      : base_(reinterpret_cast<uintptr_t>(base)), image_(image) {
    image_->clear();
  }

  // Where the values will lie on the device.
  template <typename T>
  const T* Add(const std::vector<T>& values) {
    const size_t at = (image_->size() + kAlignment - 1) / kAlignment * kAlignment;
    image_->resize(at + values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(image_->data() + at, values.data(), values.size() * sizeof(T));
    return reinterpret_cast<const T*>(base_ + at);
  }

 private:
  const uintptr_t base_;
  std::vector<std::byte>* image_;
};

FftView PackFft(const FrameRecipe& recipe, int size, ImageWriter& image) {
  const RealFft fft = MakeRealFft(size);
  FftView view{};
  view.size = fft.size;
  view.complex_size = fft.complex_size;
  view.split = fft.split;
  view.blocks = fft.blocks();
  view.stage_count = static_cast<int>(fft.stages.size());
  if (view.stage_count > kMaxStages)
    throw Error(StatusCode::kInternal, "An FFT has more stages than expected");
  for (size_t i = 0; i < fft.stages.size(); ++i) {
    const FftStage& stage = fft.stages[i];
    view.stages[i] = {stage.radix, stage.span, image.Add(stage.twiddles)};
  }
  view.positions = image.Add(fft.positions);
  view.split_factors = image.Add(fft.split_factors);
  std::vector<float> window = recipe.window;
  if (fft.split) {
    for (float& weight : window) weight *= 0.5f;
  }
  view.window = image.Add(window);
  return view;
}

struct SetTable {
  DescriptorView& view;
  void operator()(const ZeroCrossingTable& t) {
    view.kind = DescriptorKind::kZeroCrossing, view.zero_crossing = t;
  }
  void operator()(const MeanSquareTable& t) { view.kind = DescriptorKind::kMeanSquare, view.mean_square = t; }
  void operator()(const BlockEntropyTable& t) {
    view.kind = DescriptorKind::kBlockEntropy, view.block_entropy = t;
  }
  void operator()(const SpectralMomentTable& t) {
    view.kind = DescriptorKind::kSpectralMoment, view.moment = t;
  }
  void operator()(const FluxTable& t) { view.kind = DescriptorKind::kFlux, view.flux = t; }
  void operator()(const FlatnessTable& t) { view.kind = DescriptorKind::kFlatness, view.flatness = t; }
  void operator()(const RollOffTable& t) { view.kind = DescriptorKind::kRollOff, view.roll_off = t; }
  void operator()(const SlopeTable& t) { view.kind = DescriptorKind::kSlope, view.slope = t; }
  void operator()(const ContrastTable& t) { view.kind = DescriptorKind::kContrast, view.contrast = t; }
};

int ExtremesRows(const Descriptor& descriptor) {
  const auto* contrast = std::get_if<ContrastTable>(&descriptor.table);
  if (contrast == nullptr) return 0;
  int kept = 0;
  for (int b = 0; b < contrast->count; ++b) kept = std::max(kept, contrast->bands[b].kept);
  return 2 * kept;
}

std::vector<DescriptorView> PackDescriptors(const FrameRecipe& recipe) {
  std::vector<DescriptorView> views;
  int extremes_row = 0;
  for (const Descriptor& descriptor : recipe.descriptors) {
    DescriptorView view{};
    view.domain = descriptor.domain;
    view.bins = descriptor.bins;
    view.raw_column = descriptor.raw_column;
    // Each its own, as workers run descriptors side by side.
    view.extremes_row = extremes_row;
    extremes_row += ExtremesRows(descriptor);
    std::visit(SetTable{view}, descriptor.table);
    views.push_back(view);
  }
  return views;
}

int DescriptorBins(const FrameRecipe& recipe) {
  return recipe.has_descriptors(DescriptorDomain::kSpectrum) ? recipe.descriptor_fft_size / 2 + 1 : 0;
}

bool SeparateFft(const FrameRecipe& recipe) {
  return DescriptorBins(recipe) > 0 && recipe.descriptor_fft_size != recipe.frame.fft_size;
}

// Bands in as many stretches as there are workers, alike in weights.
std::vector<int> ShareBands(const MelTable& mel, int workers) {
  const int bands = mel.bands();
  const double total = static_cast<double>(mel.weight_offset.back()) + bands;
  std::vector<int> shares{0};
  int band = 0;
  for (int worker = 1; worker < workers; ++worker) {
    const double until = total * worker / workers;
    while (band < bands && mel.weight_offset[static_cast<size_t>(band) + 1] + band < until) ++band;
    shares.push_back(band);
  }
  shares.push_back(bands);
  return shares;
}

int SharedStep(const FrameRecipe& recipe) {
  return std::min(recipe.frame.hop_samples, recipe.frame.length_samples);
}

std::vector<int> StretchOffsets(const FrameRecipe& recipe, int pitch) {
  const int step = SharedStep(recipe);
  std::vector<int> offsets;
  for (int n = 0; n < recipe.frame.length_samples; ++n) offsets.push_back(n / step * pitch + n % step);
  return offsets;
}

int TileRowsOf(int fft_size) { return fft_size % 2 == 0 ? fft_size : 2 * fft_size; }

const char* NameOf(const FeatureSpec& feature) {
  if (std::holds_alternative<ChromaFeature>(feature)) return "chroma";
  if (std::holds_alternative<ChromaCqtFeature>(feature)) return "chroma-cqt";
  if (std::holds_alternative<TonnetzFeature>(feature)) return "tonnetz";
  return nullptr;
}

}  // namespace

void CheckComputable(const FrameRecipe& recipe) {
  for (size_t i = 0; i < recipe.parts.size(); ++i) {
    const char* name = NameOf(recipe.parts[i].feature);
    if (name == nullptr) continue;
    throw Error(StatusCode::kUsage,
                "Expected a feature that the CUDA backend computes for features." + std::to_string(i) +
                    ".kind but received \"" + name +
                    "\" of type string: it rests on the tuning of the whole recording, which "
                    "only the CPU finds");
  }
  if (recipe.peaks || recipe.constant_q || !recipe.chroma_weights.empty()) {
    throw Error(StatusCode::kInternal, "The CUDA backend was asked for a tonal feature");
  }
}

TileLayout MakeLayout(const FrameRecipe& recipe, int lanes, int workers) {
  TileLayout layout{};
  layout.lanes = lanes;
  layout.workers = workers;
  const int step = SharedStep(recipe);
  layout.pitch = step + (step % 2 == 0 ? 1 : 0);
  const int length = recipe.frame.length_samples;
  const int stretch =
      (lanes - 1) * layout.pitch + (length - 1) / step * layout.pitch + (length - 1) % step + 1;
  const int bins = recipe.spectrum_column == kAbsent ? BinCount(recipe.frame) * lanes : 0;
  int next = 0;
  const auto place = [&](int floats) {
    const int at = next;
    next += (floats + 31) / 32 * 32;
    return at;
  };
  if (SeparateFft(recipe)) {
    // The second FFT reads the samples once more.
    layout.stretch = place(stretch);
    layout.spectrum = place(bins);
  } else {
    layout.stretch = layout.spectrum = place(std::max(stretch, bins));
  }
  int tile_rows = std::max(TileRowsOf(recipe.frame.fft_size), length);
  if (SeparateFft(recipe)) tile_rows = std::max(tile_rows, TileRowsOf(recipe.descriptor_fft_size));
  layout.tile_floats = std::max(tile_rows * lanes, lanes + 1);
  layout.tile = place(layout.tile_floats);
  layout.values = place(recipe.cepstra_column == kAbsent ? 0 : recipe.spectral_columns() * lanes);
  layout.row = place(recipe.raw_columns * lanes);
  layout.partials = place((length + 31) / 32 * lanes);
  int extremes = 0;
  for (const Descriptor& descriptor : recipe.descriptors) extremes += ExtremesRows(descriptor);
  layout.extremes = place(extremes * lanes);
  layout.facts = next;
  layout.magnitudes = layout.facts + kFactRows * lanes;
  next = layout.magnitudes;
  place(DescriptorBins(recipe) * lanes);
  layout.floats = next;
  return layout;
}

TileLayout ChooseLayout(const FrameRecipe& recipe, const DeviceInfo& device) {
  // The runtime keeps this much of a multiprocessor's shared memory for itself, a block.
  constexpr int64_t kReserved = 1024;
  const auto layout_of = [&](int lanes) { return MakeLayout(recipe, lanes, lanes >= 16 ? 16 : 256 / lanes); };
  const auto bytes_of = [](const TileLayout& layout) {
    return static_cast<int64_t>(layout.floats) * static_cast<int64_t>(sizeof(float));
  };
  constexpr int kLanes[] = {32, 16, 8, 4, 2, 1};
  for (const int64_t blocks : {2, 1}) {
    for (const int lanes : kLanes) {
      const TileLayout layout = layout_of(lanes);
      const bool fits = bytes_of(layout) <= device.shared_bytes_per_block &&
                        blocks * (bytes_of(layout) + kReserved) <= device.shared_bytes_per_multiprocessor;
      // A single frame a tile would leave most of a load unused: rather one block with more.
      if (fits && (blocks == 1 || lanes >= 4)) return layout;
    }
  }
  throw Error(StatusCode::kUsage, "Expected a smaller frame.fftSize for this GPU but received " +
                                      std::to_string(recipe.frame.fft_size) +
                                      " of type number: a frame takes " +
                                      std::to_string(bytes_of(layout_of(1)) / 1024) +
                                      " KiB of shared memory, of which a block has " +
                                      std::to_string(device.shared_bytes_per_block / 1024));
}

ProgramView PackProgram(const FrameRecipe& recipe, const TileLayout& layout, const void* base,
                        std::vector<std::byte>* bytes) {
  ImageWriter image(base, bytes);
  const FrameSpec& frame = recipe.frame;
  const bool emphasise = frame.pre_emphasis != 0;
  ProgramView view{};
  view.length = frame.length_samples;
  view.hop = frame.hop_samples;
  view.padding = frame.padding;
  view.remove_dc = frame.remove_dc;
  view.emphasise_signal = emphasise && frame.pre_emphasis_scope == PreEmphasisScope::kSignal;
  view.emphasise_frame = emphasise && frame.pre_emphasis_scope == PreEmphasisScope::kFrame;
  view.rest = static_cast<float>(1 - frame.pre_emphasis);
  view.log_energy = recipe.log_energy;
  view.magnitude = recipe.magnitude;
  view.cepstra_deferred = recipe.cepstra_deferred;
  view.has_mel = recipe.mel.has_value();
  view.has_log = recipe.log.has_value();
  view.has_cepstrum = recipe.cepstrum.has_value();
  view.separate_descriptor_fft = SeparateFft(recipe);
  view.bins = BinCount(frame);
  view.descriptor_bins = DescriptorBins(recipe);
  view.spectral_columns = recipe.spectral_columns();
  view.spectrum_column = recipe.spectrum_column;
  view.mel_column = recipe.mel_column;
  view.log_column = recipe.log_column;
  view.cepstra_column = recipe.cepstra_column;
  view.raw_columns = recipe.raw_columns;
  view.describes_samples = recipe.has_descriptors(DescriptorDomain::kSamples);
  view.describes_windowed = recipe.has_descriptors(DescriptorDomain::kWindowed);
  view.needs_previous_frame = recipe.needs_previous_frame();
  view.main = PackFft(recipe, frame.fft_size, image);
  if (view.separate_descriptor_fft) view.descriptor_fft = PackFft(recipe, recipe.descriptor_fft_size, image);
  view.window = image.Add(recipe.window);
  view.stretch_offsets = image.Add(StretchOffsets(recipe, layout.pitch));
  if (recipe.mel) {
    const MelTable& mel = *recipe.mel;
    view.mel = {image.Add(mel.first_bin), image.Add(mel.weight_offset), image.Add(mel.weights)};
    view.mel_shares = image.Add(ShareBands(mel, layout.workers));
  }
  if (recipe.log) view.log = *recipe.log;
  if (recipe.cepstrum) {
    const CepstrumTable& table = *recipe.cepstrum;
    view.cepstrum = {table.rows, table.bands, image.Add(table.matrix), image.Add(table.row_sums)};
  }
  const std::vector<DescriptorView> descriptors = PackDescriptors(recipe);
  view.descriptors = image.Add(descriptors);
  view.descriptor_count = static_cast<int>(descriptors.size());
  return view;
}

}  // namespace undertone::cuda
