// What computes frames: the recipe of a frame's features, and the interface of the machines that can follow
// it.
//
// A backend owns framing, FFT and reductions over samples. It compiles the per-frame kernels of
// feature/*-inl.h for its own lane type, so that a feature is written once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "feature/recipe.h"
#include "signal/delta.h"
#include "signal/tuning.h"

namespace undertone {

// Longer than any recording, and small enough that index arithmetic on it cannot overflow.
constexpr int64_t kUnknownTotal = int64_t{1} << 60;

// A recording, or the part [begin, end) of it that is in memory, at full scale 1. A sample counts as
// (x - shift) * scale; x that is no finite number counts as 0, and is held within +-kLargestSample.
struct SignalView {
  const float* samples;  // samples[i - begin] is sample i of the recording
  int64_t begin;
  int64_t end;
  int64_t total;  // length of the recording, kUnknownTotal while it is not known
  float shift;
  float scale;
};

// Far beyond any full scale, 16-bit integers given as floats included, and small enough that no product of
// the largest frame overflows.
constexpr float kLargestSample = 1 << 20;

// Takes the peaks of power spectra that a program finds on its way (FrameRecipe::peaks).
class PeakSink {
 public:
  virtual ~PeakSink() = default;
  // largest: the largest power of the peak's frame.
  virtual void Add(const signal::SpectralPeak& peak, float largest) = 0;
};

// Consecutive frames of one recording. The samples they need, the one before them under pre-emphasis along
// the signal, and the frame before them where the recipe needs it, lie in the view.
struct FrameRun {
  SignalView signal;
  int64_t first_frame;
  int64_t frames;
  PeakSink* peaks = nullptr;  // receives the peaks of these frames, in no order
};

// A recipe made ready for one machine. Immutable: any number of threads call it at once.
class FrameProgram {
 public:
  virtual ~FrameProgram() = default;

  // Computes the raw row of every frame of `runs`, in order, to rows[frame * stride ...), raw_columns values
  // each. A frame's values depend on its samples only (with flux, on the frame before as well), bit for bit:
  // never on its neighbours in the call.
  virtual void Frames(std::span<const FrameRun> runs, float* rows, size_t stride) const = 0;

  // Frames() and the deltas behind each row, of whole utterances whose raw row is the finished row.
  virtual void UtteranceRows(std::span<const FrameRun> runs, const DeltaSpec& deltas,
                             const std::vector<DeltaKernel>& kernels, float* rows, size_t stride) const;

  // About so many frames a call keep the machine busy and what lies between two passes small.
  virtual int64_t group_frames() const { return 1024; }

  // Under cepstra_deferred: from rows of log_columns() values to rows of cepstra_columns() values.
  virtual void Cepstra(const float* log_rows, size_t log_stride, int64_t count, float* rows,
                       size_t stride) const = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::unique_ptr<FrameProgram> Prepare(std::shared_ptr<const FrameRecipe> recipe) const = 0;
};

// Names of the backends in this build.
std::vector<std::string> BackendNames();

// Which backend computes, and what it may take.
struct BackendChoice {
  std::string name;
  int device = 0;            // of several of a kind
  int64_t memory_bytes = 0;  // of device memory, a plan; 0: the backend's default
};

// Throws kUsage for a name that is not registered, and what the backend throws where it cannot work here.
const Backend& GetBackend(const BackendChoice& choice);
inline const Backend& GetBackend(const char* name) { return GetBackend(BackendChoice{name}); }

}  // namespace undertone
