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
#include "feature/feature.h"

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {

#include "feature/cepstrum-inl.h"
#include "feature/log-inl.h"
#include "feature/mel-inl.h"
#include "feature/spectral_shape-inl.h"  // after time_domain-inl.h, whose block entropy it shares
#include "feature/spectrum-inl.h"
#include "feature/time_domain-inl.h"

namespace {

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
    const FrameView frame{scratch.tile,
                          recipe.window.size(),
                          scratch.magnitudes,
                          static_cast<size_t>(descriptor.bins),
                          scratch.previous_spectrum,
                          scratch.has_previous,
                          scratch.outside_crossings};
    std::visit(
        [&](const auto& table) HWY_ATTR {
          StoreRow(ComputeDescriptor(table, frame), scratch.row, static_cast<size_t>(descriptor.raw_column));
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

// From windowed samples in `tile` to power in `power`.
void PowerOfTile(const RealFft& fft, size_t length, float* tile, float* power) {
  FillWithZeros(length, static_cast<size_t>(fft.size), tile);
  if (!fft.split) InsertImaginaryRows(static_cast<size_t>(fft.size), tile);
  PowerSpectrum(fft, tile, power);
}

// From samples in `tile` to power or magnitude in `spectrum`, and to magnitudes for the descriptors; writes
// the log energy to its row of `values`.
void SpectrumOfTile(const TileProgram& program, const TileScratch& scratch) {
  const FrameRecipe& recipe = *program.recipe;
  const size_t length = recipe.window.size();
  if (recipe.frame.remove_dc) RemoveDc(length, scratch.tile);
  if (recipe.log_energy) {
    StoreRow(LogEnergy(length, scratch.tile), scratch.values, static_cast<size_t>(recipe.spectral_columns()));
  }
  RunDescriptors(recipe, DescriptorDomain::kSamples, scratch);
  if (recipe.frame.pre_emphasis != 0 && recipe.frame.pre_emphasis_scope == PreEmphasisScope::kFrame) {
    PreEmphasise(static_cast<float>(1 - recipe.frame.pre_emphasis), length, scratch.tile);
  }
  ApplyWindow(recipe.window, scratch.tile);
  RunDescriptors(recipe, DescriptorDomain::kWindowed, scratch);
  const bool describes_spectrum = recipe.has_descriptors(DescriptorDomain::kSpectrum);
  const size_t bins = static_cast<size_t>(recipe.descriptor_fft_size) / 2 + 1;
  if (describes_spectrum && program.descriptor_fft) {
    CopyRows(scratch.tile, length, scratch.windowed);
    PowerOfTile(*program.descriptor_fft, length, scratch.windowed, scratch.magnitudes);
  }
  PowerOfTile(program.fft, length, scratch.tile, scratch.spectrum);
  if (describes_spectrum) {
    if (!program.descriptor_fft) CopyRows(scratch.spectrum, bins, scratch.magnitudes);
    Magnitude(bins, scratch.magnitudes);
    if (recipe.needs_previous_frame()) ShiftSpectrum(bins, scratch);
    RunDescriptors(recipe, DescriptorDomain::kSpectrum, scratch);
  }
  if (recipe.magnitude) Magnitude(static_cast<size_t>(BinCount(recipe.frame)), scratch.spectrum);
}

// Cepstra of the log mel rows in `log_values`, the log energy behind them in front where there is one.
void CepstraOfTile(const FrameRecipe& recipe, const float* log_values, float* cepstra) {
  size_t first = 0;
  if (recipe.log_energy) {
    StoreRow(LoadRow(log_values, static_cast<size_t>(recipe.spectral_columns())), cepstra, first++);
  }
  Cepstra(*recipe.cepstrum, log_values, cepstra + first * kLanes);
}

float* RowsAt(const TileScratch& scratch, int raw_column) {
  return scratch.row + static_cast<size_t>(raw_column) * kLanes;
}

// The stages after the spectrum, as far as the raw row asks for them.
void ChainOfTile(const FrameRecipe& recipe, const TileScratch& scratch) {
  const size_t columns = static_cast<size_t>(recipe.spectral_columns());
  if (recipe.spectrum_column != kAbsent) {
    CopyRows(scratch.spectrum, static_cast<size_t>(BinCount(recipe.frame)),
             RowsAt(scratch, recipe.spectrum_column));
  }
  const bool logarithms = recipe.log_column != kAbsent || recipe.cepstra_column != kAbsent;
  if (recipe.mel_column == kAbsent && !logarithms) return;
  const float* energies = scratch.spectrum;
  if (recipe.mel) {
    MelEnergies(*recipe.mel, scratch.spectrum, scratch.values);
    energies = scratch.values;
    if (recipe.mel_column != kAbsent) CopyRows(energies, columns, RowsAt(scratch, recipe.mel_column));
  }
  if (!logarithms) return;
  LogRows(*recipe.log, energies, columns, scratch.values);
  if (recipe.log_column != kAbsent) {
    CopyRows(scratch.values, static_cast<size_t>(recipe.log_columns()), RowsAt(scratch, recipe.log_column));
  }
  if (recipe.cepstra_column != kAbsent) {
    CepstraOfTile(recipe, scratch.values, RowsAt(scratch, recipe.cepstra_column));
  }
}

void RunFrames(const TileProgram& program, const float* const* frames, const TileScratch& scratch,
               float* const* rows) {
  const FrameRecipe& recipe = *program.recipe;
  LoadTransposed(frames, recipe.window.size(), scratch.tile);
  SpectrumOfTile(program, scratch);
  ChainOfTile(recipe, scratch);
  StoreTransposed(scratch.row, static_cast<size_t>(recipe.raw_columns), rows);
}

void RunCepstra(const TileProgram& program, const float* const* log_rows, const TileScratch& scratch,
                float* const* rows) {
  const FrameRecipe& recipe = *program.recipe;
  LoadTransposed(log_rows, static_cast<size_t>(recipe.log_columns()), scratch.values);
  CepstraOfTile(recipe, scratch.values, scratch.row);
  StoreTransposed(scratch.row, static_cast<size_t>(recipe.cepstra_columns()), rows);
}

}  // namespace

const TileKernels* GetTileKernels() {
  static constexpr TileKernels kKernels = {kLanes, Condition, RunFrames, RunCepstra};
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
