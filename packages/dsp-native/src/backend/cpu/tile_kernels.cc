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
#include "feature/recipe.h"

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {

#include "feature/cepstrum-inl.h"
#include "feature/log-inl.h"
#include "feature/mel-inl.h"
#include "feature/spectrum-inl.h"

namespace {

void Condition(const float* in, size_t count, float shift, float scale, float* out) {
  const LaneTag d;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) ConditionVector(d, in + i, Splat(shift), Splat(scale), out + i);
  const hn::CappedTag<float, 1> one;
  for (; i < count; ++i) ConditionVector(one, in + i, hn::Set(one, shift), hn::Set(one, scale), out + i);
}

// From samples in `tile` to power or magnitude in `spectrum`; writes the log energy to its row of `values`.
void SpectrumOfTile(const TileProgram& program, const TileScratch& scratch) {
  const FrameRecipe& recipe = *program.recipe;
  const size_t length = recipe.window.size();
  if (recipe.frame.remove_dc) RemoveDc(length, scratch.tile);
  if (recipe.log_energy) {
    StoreRow(LogEnergy(length, scratch.tile), scratch.values, static_cast<size_t>(recipe.spectral_columns()));
  }
  if (recipe.frame.pre_emphasis != 0 && recipe.frame.pre_emphasis_scope == PreEmphasisScope::kFrame) {
    PreEmphasise(static_cast<float>(1 - recipe.frame.pre_emphasis), length, scratch.tile);
  }
  ApplyWindow(recipe.window, static_cast<size_t>(program.fft.size), scratch.tile);
  if (!program.fft.split) InsertImaginaryRows(static_cast<size_t>(program.fft.size), scratch.tile);
  PowerSpectrum(program.fft, scratch.tile, scratch.spectrum);
  if (recipe.magnitude) Magnitude(static_cast<size_t>(BinCount(recipe.frame)), scratch.spectrum);
}

// Cepstra of the log mel rows in `values`, the log energy in front of them where there is one.
void CepstraOfTile(const FrameRecipe& recipe, const TileScratch& scratch) {
  size_t first = 0;
  if (recipe.log_energy) {
    StoreRow(LoadRow(scratch.values, static_cast<size_t>(recipe.spectral_columns())), scratch.output,
             first++);
  }
  Cepstra(*recipe.cepstrum, scratch.values, scratch.output + first * kLanes);
}

void RunFrames(const TileProgram& program, const float* const* frames, const TileScratch& scratch,
               float* const* rows) {
  const FrameRecipe& recipe = *program.recipe;
  LoadTransposed(frames, recipe.window.size(), scratch.tile);
  SpectrumOfTile(program, scratch);
  float* row_source = scratch.spectrum;
  if (recipe.mel) {
    MelEnergies(*recipe.mel, scratch.spectrum, scratch.values);
    row_source = scratch.values;
  }
  if (recipe.log) {
    LogRows(*recipe.log, row_source, static_cast<size_t>(recipe.spectral_columns()), row_source);
  }
  if (recipe.cepstrum && !recipe.cepstra_deferred) {
    CepstraOfTile(recipe, scratch);
    row_source = scratch.output;
  }
  StoreTransposed(row_source, static_cast<size_t>(recipe.frame_columns()), rows);
}

void RunCepstra(const TileProgram& program, const float* const* log_rows, const TileScratch& scratch,
                float* const* rows) {
  const FrameRecipe& recipe = *program.recipe;
  LoadTransposed(log_rows, static_cast<size_t>(recipe.frame_columns()), scratch.values);
  CepstraOfTile(recipe, scratch);
  StoreTransposed(scratch.output, static_cast<size_t>(recipe.base_columns()), rows);
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
