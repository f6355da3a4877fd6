// The CPU's kernels. Highway compiles this file once an instruction set (foreach_target.h includes it again
// and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/tile_kernels.cc"
#include "backend/cpu/tile_kernels.h"

#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "backend/cpu/fft-inl.h"
#include "backend/cpu/frame-inl.h"
#include "backend/cpu/lane-inl.h"
#include "backend/cpu/peaks-inl.h"
#include "feature/feature.h"

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {

#include "feature/block_entropy-inl.h"
#include "feature/cepstrum-inl.h"
#include "feature/chroma-inl.h"
#include "feature/constant_q-inl.h"
#include "feature/contrast-inl.h"
#include "feature/log-inl.h"
#include "feature/mel-inl.h"
#include "feature/spectral_shape-inl.h"
#include "feature/spectrum-inl.h"
#include "feature/time_domain-inl.h"

namespace {

bool AreClean(const float* samples, size_t count) { return IsClean(samples, count); }

void Condition(const float* in, size_t count, float shift, float scale, float* out) {
  const LaneTag d;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) ConditionVector(d, in + i, Splat(shift), Splat(scale), out + i);
  const hn::CappedTag<float, 1> one;
  for (; i < count; ++i) ConditionVector(one, in + i, hn::Set(one, shift), hn::Set(one, scale), out + i);
}

void RunDescriptors(const FrameRecipe& recipe, DescriptorDomain domain, const TileScratch& scratch) {
  for (const Descriptor& descriptor : recipe.descriptors) {
    if (descriptor.domain != domain) continue;
    const FrameView frame{domain == DescriptorDomain::kWindowed ? scratch.windowed : scratch.samples,
                          recipe.window.size(),
                          scratch.magnitudes,
                          static_cast<size_t>(descriptor.bins),
                          scratch.previous_spectrum,
                          scratch.has_previous,
                          scratch.extremes,
                          scratch.first_inside,
                          scratch.end_inside};
    std::visit(
        [&](const auto& table) HWY_ATTR {
          const size_t column = static_cast<size_t>(descriptor.raw_column);
          if constexpr (std::is_same_v<std::decay_t<decltype(table)>, ContrastTable>) {
            SpectralContrast(table, frame, scratch.row + column * kLanes);
          } else {
            StoreRow(ComputeDescriptor(table, frame), scratch.row, column);
          }
        },
        descriptor.table);
  }
}

// Hands every lane the magnitudes of the lane before it, and the first lane those of the last tile's last
// frame. The lanes of a tile are consecutive frames wherever one has a frame before it.
void ShiftSpectrum(size_t bins, const TileScratch& scratch) {
  const LaneTag d;
  HWY_ALIGN int32_t source[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) source[lane] = static_cast<int32_t>(lane == 0 ? 0 : lane - 1);
  const auto lane_before = hn::SetTableIndices(d, source);
  const auto is_first = hn::FirstN(d, 1);
  for (size_t k = 0; k < bins; ++k) {
    const Lane now = LoadRow(scratch.magnitudes, k);
    const Lane shifted = hn::TableLookupLanes(now, lane_before);
    StoreRow(hn::IfThenElse(is_first, Splat(scratch.last_spectrum[k]), shifted), scratch.previous_spectrum,
             k);
    scratch.last_spectrum[k] = scratch.magnitudes[k * kLanes + kLanes - 1];
  }
}

// True when the frames are consecutive ones of one stretch of samples.
bool AreConsecutive(const float* const* frames, size_t hop) {
  for (size_t lane = 1; lane < kLanes; ++lane) {
    if (frames[lane] != frames[lane - 1] + hop) return false;
  }
  return true;
}

SampleRows TransposeFrames(const TileProgram& program, const float* const* frames,
                           const TileScratch& scratch) {
  const LaneTag d;
  const size_t length = program.recipe->window.size();
  const size_t hop = static_cast<size_t>(program.recipe->frame.hop_samples);
  if (program.slid_lanes == 0 || !AreConsecutive(frames, hop)) {
    const auto frame = [&](size_t lane) HWY_ATTR { return frames[lane]; };
    LoadTransposed(d, frame, 0, length, kLanes, scratch.samples);
    return {scratch.samples, program.aligned_offsets.data()};
  }
  const float* stretch = frames[0];
  const size_t stride = program.slid_lanes;
  const auto column = [&](size_t lane) HWY_ATTR { return stretch + lane * hop; };
  LoadTransposed(d, column, 0, hop, stride, scratch.slid);
  // What the last frame has beyond its hop. Up to row `rest` it reaches into column kLanes + (length - 1) /
  // hop, from there on only into the one before; no sample beyond is touched.
  const size_t last_column = kLanes - 1 + (length - 1) / hop;
  const size_t rest = (length - 1) % hop + 1;
  const hn::CappedTag<float, 4> few;
  for (size_t first = kLanes; first <= last_column; first += hn::Lanes(few)) {
    const auto upto = [&](size_t end) HWY_ATTR {
      return [=](size_t i) HWY_ATTR { return stretch + HWY_MIN(first + i, end) * hop; };
    };
    LoadTransposed(few, upto(last_column), 0, rest, stride, scratch.slid + first);
    LoadTransposed(few, upto(last_column - 1), rest, hop, stride, scratch.slid + first);
  }
  return {scratch.slid, program.slid_offsets.data()};
}

// What is done to samples before the window: DC, log energy, descriptors, pre-emphasis.
SampleRows PrepareSamples(const TileProgram& program, SampleRows rows, const TileScratch& scratch,
                          Lane* log_energy) {
  const FrameRecipe& recipe = *program.recipe;
  const size_t length = recipe.window.size();
  const bool emphasise =
      recipe.frame.pre_emphasis != 0 && recipe.frame.pre_emphasis_scope == PreEmphasisScope::kFrame;
  const float rest = static_cast<float>(1 - recipe.frame.pre_emphasis);
  const bool windowed = recipe.has_descriptors(DescriptorDomain::kWindowed);
  const bool described = windowed || recipe.has_descriptors(DescriptorDomain::kSamples);
  if (!recipe.frame.remove_dc && !recipe.log_energy && !emphasise && !described) return rows;

  const SampleRows written = {scratch.samples, program.aligned_offsets.data()};
  const Lane mean = recipe.frame.remove_dc ? MeanOf(rows, length) : Splat(0.0f);
  // Descriptors see the samples before pre-emphasis, which then has a pass of its own.
  const Lane energy = emphasise && !described
                          ? WriteSamples<true>(rows, length, mean, rest, scratch.samples)
                          : WriteSamples<false>(rows, length, mean, rest, scratch.samples);
  if (recipe.log_energy) *log_energy = LogEnergy(energy);
  if (!described) return written;
  RunDescriptors(recipe, DescriptorDomain::kSamples, scratch);
  if (emphasise) WriteSamples<true>(written, length, Splat(0.0f), rest, scratch.samples);
  if (windowed) {
    ApplyWindow(recipe.window, scratch.samples, scratch.windowed);
    RunDescriptors(recipe, DescriptorDomain::kWindowed, scratch);
  }
  return written;
}

void PowerOf(const WindowedFft& windowed, SampleRows rows, float* tile, float* power) {
  PowerSpectrum(windowed.fft, {rows.samples, rows.offsets, windowed.window.data(), windowed.window.size()},
                tile, power);
}

float* RowsAt(const TileScratch& scratch, int raw_column) {
  return scratch.row + static_cast<size_t>(raw_column) * kLanes;
}

// Where a stage of the chain puts its rows: in the raw row if that has them, else in `elsewhere`.
float* RowsOf(const TileScratch& scratch, int raw_column, float* elsewhere) {
  return raw_column == kAbsent ? elsewhere : RowsAt(scratch, raw_column);
}

// From samples to power or magnitude, and to magnitudes for the descriptors. Returns the former.
const float* SpectrumOfTile(const TileProgram& program, SampleRows rows, const TileScratch& scratch) {
  const FrameRecipe& recipe = *program.recipe;
  float* spectrum = RowsOf(scratch, recipe.spectrum_column, scratch.spectrum);
  PowerOf(program.main, rows, scratch.tile, spectrum);
  if (recipe.peaks) {
    FindPeaks(*recipe.peaks, spectrum, static_cast<size_t>(BinCount(recipe.frame)), *scratch.peaks);
  }
  if (recipe.has_descriptors(DescriptorDomain::kSpectrum)) {
    const size_t bins = static_cast<size_t>(recipe.descriptor_fft_size) / 2 + 1;
    if (program.descriptors) {
      PowerOf(*program.descriptors, rows, scratch.tile, scratch.magnitudes);
      Magnitude(bins, scratch.magnitudes, scratch.magnitudes);
    } else {
      Magnitude(bins, spectrum, scratch.magnitudes);
    }
    if (recipe.needs_previous_frame()) ShiftSpectrum(bins, scratch);
    RunDescriptors(recipe, DescriptorDomain::kSpectrum, scratch);
  }
  if (recipe.magnitude) Magnitude(static_cast<size_t>(BinCount(recipe.frame)), spectrum, spectrum);
  return spectrum;
}

// Cepstra of the log mel rows, which are used up; the log energy behind them in front where there is one.
void CepstraOfTile(const FrameRecipe& recipe, float* log_values, float* cepstra) {
  size_t first = 0;
  if (recipe.log_energy) {
    StoreRow(LoadRow(log_values, static_cast<size_t>(recipe.spectral_columns())), cepstra, first++);
  }
  Cepstra(recipe.cepstrum->view(), log_values, cepstra + first * kLanes);
}

// The stages after the spectrum, as far as the raw row asks for them.
void ChainOfTile(const FrameRecipe& recipe, const float* spectrum, Lane log_energy,
                 const TileScratch& scratch) {
  const size_t columns = static_cast<size_t>(recipe.spectral_columns());
  const bool cepstra = recipe.cepstra_column != kAbsent;
  const bool logarithms = recipe.log_column != kAbsent || cepstra;
  if (!recipe.chroma_weights.empty()) {
    ChromaSums(recipe.chroma_weights.data(), spectrum, static_cast<size_t>(BinCount(recipe.frame)),
               scratch.row);
  }
  const float* energies = spectrum;
  if (recipe.mel && (recipe.mel_column != kAbsent || logarithms)) {
    float* mel = RowsOf(scratch, recipe.mel_column, scratch.values);
    MelEnergies(recipe.mel->view(), 0, static_cast<size_t>(recipe.mel->bands()), spectrum, mel);
    energies = mel;
  }
  if (!logarithms) return;
  float* log_values = RowsOf(scratch, recipe.log_column, scratch.values);
  LogRows(*recipe.log, energies, columns, log_values);
  if (!cepstra) {
    if (recipe.cepstra_deferred && recipe.log_energy) StoreRow(log_energy, log_values, columns);
    return;
  }
  if (log_values != scratch.values) CopyRows(log_values, columns, scratch.values);
  if (recipe.log_energy) StoreRow(log_energy, scratch.values, columns);
  CepstraOfTile(recipe, scratch.values, RowsAt(scratch, recipe.cepstra_column));
}

// From samples to the raw row of constant-Q filters.
void ConstantQOfTile(const TileProgram& program, SampleRows rows, const TileScratch& scratch) {
  const ConstantQTable& table = *program.recipe->constant_q;
  const WindowedFft& main = program.main;
  ComplexSpectrum(main.fft, {rows.samples, rows.offsets, main.window.data(), main.window.size()},
                  static_cast<size_t>(table.first_spectrum_bin), static_cast<size_t>(table.spectrum_bins),
                  scratch.tile, scratch.spectrum);
  ConstantQMagnitudes(table, scratch.spectrum, scratch.row);
}

void RunFrames(const TileProgram& program, const float* const* frames, const TileScratch& scratch,
               float* const* rows) {
  const FrameRecipe& recipe = *program.recipe;
  Lane log_energy = Splat(0.0f);
  const SampleRows samples =
      PrepareSamples(program, TransposeFrames(program, frames, scratch), scratch, &log_energy);
  if (recipe.constant_q) {
    ConstantQOfTile(program, samples, scratch);
  } else {
    const float* spectrum = SpectrumOfTile(program, samples, scratch);
    ChainOfTile(recipe, spectrum, log_energy, scratch);
  }
  StoreTransposed(scratch.row, static_cast<size_t>(recipe.raw_columns), rows);
}

void RunCepstra(const TileProgram& program, const float* const* log_rows, const TileScratch& scratch,
                float* const* rows) {
  const FrameRecipe& recipe = *program.recipe;
  LoadTransposed(
      LaneTag(), [&](size_t lane) HWY_ATTR { return log_rows[lane]; }, 0,
      static_cast<size_t>(recipe.log_columns()), kLanes, scratch.values);
  CepstraOfTile(recipe, scratch.values, scratch.row);
  StoreTransposed(scratch.row, static_cast<size_t>(recipe.cepstra_columns()), rows);
}

}  // namespace

const TileKernels* GetTileKernels() {
  static constexpr TileKernels kKernels = {kLanes, AreClean, Condition, RunFrames, RunCepstra};
  return &kKernels;
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace undertone {

HWY_EXPORT(GetTileKernels);

const TileKernels* KernelsOf(int64_t target) {
  if ((HWY_TARGETS & target) == 0) return nullptr;
  // A private ChosenTarget: Highway's own is global, and tests of other code may change it.
  hwy::ChosenTarget chosen;
  chosen.Update(target);
  return HWY_DISPATCH_TABLE(GetTileKernels)[chosen.GetIndex()]();
}

}  // namespace undertone
#endif  // HWY_ONCE
