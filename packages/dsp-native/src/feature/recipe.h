// The recipe of a frame's features: the tables that the kernels read, on every backend.
#pragma once

#include <optional>
#include <vector>

#include "core/front_end.h"

namespace undertone {

// Sparse filterbank: band b weighs the bins from first_bin[b] on with the weights from weight_offset[b] to
// weight_offset[b + 1], exclusive.
struct MelTable {
  std::vector<int> first_bin;
  std::vector<int> weight_offset;
  std::vector<float> weights;
  int bands() const { return static_cast<int>(first_bin.size()); }
};

// y = scale * ln(max(x, floor)) + offset
struct LogTable {
  float floor;
  float scale;
  float offset;
};

// Rows of the (liftered) DCT that are kept, over mean-free log mel energies. See cepstrum-inl.h.
struct CepstrumTable {
  int rows;
  int bands;
  std::vector<float> matrix;    // [row][band]
  std::vector<float> row_sums;  // sum of each row: what the mean contributes
};

// Everything a backend needs to compute a frame's features: computed in double when the plan is made, rounded
// once. Filled by the stages of registry.cc.
struct FrameRecipe {
  FrameSpec frame;
  std::vector<float> window;
  bool magnitude = false;
  std::optional<MelTable> mel;
  std::optional<LogTable> log;
  std::optional<CepstrumTable> cepstrum;
  // The row starts with the frame's log energy: cepstra only.
  bool log_energy = false;
  // Cepstra wait until the utterance's loudest value is known: frames end at the logarithm, with the log
  // energy as a last column where log_energy is set, and Cepstra() makes the rest.
  bool cepstra_deferred = false;

  // Values of the spectrum, of mel and log rows, and of the row that the frame ends with.
  int spectral_columns() const { return mel ? mel->bands() : BinCount(frame); }
  int frame_columns() const;
  int base_columns() const;
};

}  // namespace undertone
