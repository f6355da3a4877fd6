// What a launch carries to the device: plain data, with pointers into device memory. Changes here count
// kDriverInterface (driver.h) up.
#pragma once

#include <cstdint>

#include "core/front_end.h"
#include "feature/recipe.h"
#include "signal/fft.h"

namespace undertone::cuda {

constexpr int kMaxStages = 16;

struct StageView {
  int radix;
  int span;
  const Twiddle* twiddles;
};

// RealFft of signal/fft.h with the window before it, halved where the FFT splits.
struct FftView {
  int size;
  int complex_size;
  bool split;
  int blocks;
  int stage_count;
  StageView stages[kMaxStages];
  const int* positions;
  const Twiddle* split_factors;
  const float* window;
};

enum class DescriptorKind {
  kZeroCrossing,
  kMeanSquare,
  kBlockEntropy,
  kSpectralMoment,
  kFlux,
  kFlatness,
  kRollOff,
  kSlope,
  kContrast
};

struct DescriptorView {
  DescriptorDomain domain;
  int bins;
  int raw_column;
  int extremes_row;  // of contrast: where its rows to work in begin
  DescriptorKind kind;
  union {
    ZeroCrossingTable zero_crossing;
    MeanSquareTable mean_square;
    BlockEntropyTable block_entropy;
    SpectralMomentTable moment;
    FluxTable flux;
    FlatnessTable flatness;
    RollOffTable roll_off;
    SlopeTable slope;
    ContrastTable contrast;
  };
};

// FrameRecipe as the kernel reads it.
struct ProgramView {
  int length;
  int hop;
  Padding padding;
  bool remove_dc;
  bool emphasise_signal;
  bool emphasise_frame;
  float rest;  // 1 - the factor of pre-emphasis
  bool log_energy;
  bool magnitude;
  bool cepstra_deferred;
  bool has_mel;
  bool has_log;
  bool has_cepstrum;
  bool separate_descriptor_fft;
  int bins;
  int descriptor_bins;  // 0: no descriptor looks at the spectrum
  int spectral_columns;
  int spectrum_column;
  int mel_column;
  int log_column;
  int cepstra_column;
  int raw_columns;
  bool describes_samples;
  bool describes_windowed;
  bool needs_previous_frame;
  FftView main;
  FftView descriptor_fft;
  const float* window;         // not halved
  const int* stretch_offsets;  // [n] of a frame's sample n in the stretch, from the frame's first sample on
  MelView mel;
  const int* mel_shares;  // worker w has bands mel_shares[w] to mel_shares[w + 1]
  LogTable log;
  CepstrumView cepstrum;
  const DescriptorView* descriptors;
  int descriptor_count;
};

// One number a frame that steps hand on to later steps; rows of the region `facts`.
enum FactRow {
  kMeanRow,
  kLogEnergyRow,
  kBandMeanRow,
  kFirstInsideRow,
  kEndInsideRow,
  kHasPreviousRow,
  kFactRows
};

// A tile of frames in the memory that a block shares: `lanes` frames side by side, worked on by `workers`
// rows of `lanes` threads. Regions begin at these offsets, in floats; a region of rows has `lanes` floats a
// row.
struct TileLayout {
  int lanes;
  int workers;
  int pitch;    // of the stretch: from one frame's first sample to the next one's; odd, so that lanes meet no
                // bank conflict
  int stretch;  // the samples of all frames, each once
  int tile;     // points of the FFT; before it rows of samples, after it the rows on their way out
  int tile_floats;
  int spectrum;
  int values;    // mel or log values
  int row;       // the raw row
  int partials;  // sums of blocks of samples
  int extremes;
  int facts;  // directly before the magnitudes: see the frame before in tile_kernel-inl.h
  int magnitudes;
  int floats;  // of all regions
};

enum class SampleFormat { kFloat32, kInt16 };

// Consecutive frames of one recording that one block computes.
struct TileJob {
  int64_t first_sample;  // of the recording's sample `begin` in the launch's samples
  int64_t begin;
  int64_t total;  // samples of the recording
  int64_t first_frame;
  int64_t start;  // the recording's sample at which the first frame begins; may be negative
  int64_t row;    // that the first frame handed out goes to
  float shift;    // as in SignalView
  float scale;
  int32_t frames;
  int32_t skipped;  // frames in front that are computed for the one behind them only
};

struct FrameLaunch {
  ProgramView program;
  TileLayout layout;
  const TileJob* jobs;
  int tiles;
  const void* samples;
  SampleFormat format;
  float* rows;
  int64_t stride;  // floats from one row to the next
};

// Some consecutive frames of one utterance that receive their deltas.
struct DeltaJob {
  int64_t frames;  // of the utterance
  int64_t first;   // frame of this job
  int64_t count;
  int64_t row_of_zero;  // row that frame 0 has, or would have (it may lie before the rows in memory)
};

constexpr int kMaxDeltaOrders = 2;

struct DeltaLaunch {
  const DeltaJob* jobs;
  int job_count;
  float* rows;
  int64_t stride;
  int columns;  // of the base features
  int orders;
  bool inside_only;  // librosa: the outermost full window stands for what lies outside it
  const double* weights[kMaxDeltaOrders];
  int half[kMaxDeltaOrders];
  int64_t edge[kMaxDeltaOrders];  // frames in front that get 0
};

}  // namespace undertone::cuda
