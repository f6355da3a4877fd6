// The recipe of a frame's features: the tables that the kernels read, on every backend.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "core/front_end.h"
#include "signal/tuning.h"

namespace undertone {

// Filterbank of triangles of which each begins at the centre of the one before the last: a bin lies under two
// neighbours at most. Segment s is the bins between the centres of bands s - 1 and s, where band s - 1 falls
// and band s rises: first_bin[s] ... first_bin[s] + (weight_offset[s + 1] - weight_offset[s]) - 1.
struct MelWeights {
  float falling;
  float rising;
};
// What kernels read of a table, wherever its numbers lie.
struct MelView {
  const int* first_bin;
  const int* weight_offset;
  const MelWeights* weights;
};
struct MelTable {
  std::vector<int> first_bin;      // bands + 1
  std::vector<int> weight_offset;  // bands + 2
  std::vector<MelWeights> weights;
  int bands() const { return static_cast<int>(first_bin.size()) - 1; }
  MelView view() const { return {first_bin.data(), weight_offset.data(), weights.data()}; }
};

// y = scale * ln(max(x, floor)) + offset. The settings' final sum and product are in it, but where the
// utterance's peak comes between (NeedsUtterancePeak): then `add` and `multiply` are left for after it.
struct LogTable {
  float floor;
  float scale;
  float offset;
  float decibel;  // in units of the logarithm
  float add;
  float multiply;
};

// Rows of the (liftered) DCT that are kept, over mean-free log mel energies. See cepstrum-inl.h.
struct CepstrumView {
  int rows;
  int bands;
  const float* matrix;
  const float* row_sums;
};
struct CepstrumTable {
  int rows;
  int bands;
  std::vector<float> matrix;    // [row][band]
  std::vector<float> row_sums;  // sum of each row: what the mean contributes
  CepstrumView view() const { return {rows, bands, matrix.data(), row_sums.data()}; }
};

// Descriptors of a frame: one value each. Formulas stand with the kernels (time_domain-inl.h,
// spectral_shape-inl.h).
struct ZeroCrossingTable {
  bool half_at_zero;  // a sample that is 0 is half a crossing away from either side (numpy.sign)
  float threshold;    // samples as small as this count as 0
  float scale;
};
struct MeanSquareTable {
  bool root;
};
struct BlockEntropyTable {
  int blocks;
  int block_length;
  float floor;  // added to the energy
};
enum class SpectralMoment { kCentroid, kBandwidth, kSkewness, kKurtosis };
struct SpectralMomentTable {
  SpectralMoment moment;
  float first_hz;  // frequency of the first bin, and from one to the next
  float step_hz;
  float scale;  // of the result
};
struct FluxTable {
  float floor;  // added to the sum of the magnitudes
};
struct FlatnessTable {
  float floor;
};
struct RollOffTable {
  bool of_power;
  float share;
  float floor;  // added to what has been summed up
  float step;   // of the result, from one bin to the next
};
struct SlopeTable {
  float step_hz;
};
// Bands of bins, and of each how many of its smallest and of its largest bins are averaged. Not one value but
// two a band.
struct ContrastBand {
  int first_bin;
  int bins;
  int kept;
};
struct ContrastTable {
  int count;
  ContrastBand bands[17];  // the schema's most octaves and the band below them
};
using DescriptorTable =
    std::variant<ZeroCrossingTable, MeanSquareTable, BlockEntropyTable, SpectralMomentTable, FluxTable,
                 FlatnessTable, RollOffTable, SlopeTable, ContrastTable>;

// Complex filters over the bins of a spectrum: filter i weighs the bins from first_bin[i] on with the weights
// from weight_offset[i] to weight_offset[i + 1], exclusive.
struct ConstantQTable {
  struct Weight {
    float re;
    float im;
  };
  int first_spectrum_bin;  // that any filter reads, and how many from there on
  int spectrum_bins;
  std::vector<int> first_bin;  // counted from first_spectrum_bin
  std::vector<int> weight_offset;
  std::vector<Weight> weights;
  std::vector<int> column;  // that the filter's magnitude is added to
  int columns;
};

// What a descriptor looks at: the samples of the frame (after the removal of DC, before pre-emphasis), the
// same under the window, or the magnitudes of its first `bins` bins.
enum class DescriptorDomain { kSamples, kWindowed, kSpectrum };

struct Descriptor {
  DescriptorDomain domain;
  int bins;
  int raw_column;
  DescriptorTable table;
};

// What a backend computes of a frame is its raw row; the plan makes the finished row of it, part by part.
struct RowPart {
  FeatureSpec feature;
  int raw_column;  // -1: not of the raw row (a track)
  int raw_columns;
  int column;
  int columns;
};

constexpr int kAbsent = -1;

// Everything a backend needs to compute a frame's raw row: computed in double when the plan is made, rounded
// once. Filled by the stages of registry.cc.
struct FrameRecipe {
  FrameSpec frame;
  std::vector<float> window;
  bool magnitude = false;
  std::optional<MelTable> mel;
  std::optional<LogTable> log;
  std::optional<CepstrumTable> cepstrum;
  // Cepstra start with the frame's log energy.
  bool log_energy = false;
  // Cepstra wait until the utterance's loudest value is known: the raw row holds the logarithms they are made
  // of, with the log energy behind them where log_energy is set, and Cepstra() makes the rest.
  bool cepstra_deferred = false;

  std::vector<Descriptor> descriptors;
  int descriptor_fft_size = 0;

  // Where peaks of the power spectrum are looked for, if anywhere: those above a hundredth of the largest.
  std::optional<signal::PeakRange> peaks;

  // [bin][pitch class]: the raw row begins with the twelve sums of the spectrum under these weights.
  std::vector<float> chroma_weights;

  // The raw row is made by these filters, from frames without a window, and holds nothing else.
  std::optional<ConstantQTable> constant_q;

  // Where the chain's stages stand in the raw row; kAbsent for those that are not in it.
  int spectrum_column = kAbsent;
  int mel_column = kAbsent;
  int log_column = kAbsent;
  int cepstra_column = kAbsent;
  int raw_columns = 0;
  std::vector<RowPart> parts;
  int columns = 0;

  // Values of the spectrum, of mel and log rows.
  int spectral_columns() const { return mel ? mel->bands() : BinCount(frame); }
  // Logarithms, and the log energy behind them where it belongs there: what deferred cepstra are made of.
  int log_columns() const { return spectral_columns() + (cepstra_deferred && log_energy ? 1 : 0); }
  int cepstra_columns() const { return cepstrum->rows + (log_energy ? 1 : 0); }
  bool has_descriptors(DescriptorDomain domain) const;
  // A descriptor compares a frame with the one before it.
  bool needs_previous_frame() const;
  // The most bins that a contrast averages, 0 without one.
  int contrast_kept() const;
};

}  // namespace undertone
