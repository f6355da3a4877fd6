// Contract and method in resample_design.h.
#include "signal/resample_design.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <map>
#include <mutex>
#include <numbers>
#include <numeric>
#include <utility>

namespace undertone::signal {
namespace {

constexpr double kPi = std::numbers::pi;

// In units of the lower Nyquist frequency: the edges of soxr's HQ, with which librosa.load resamples, so that
// features of the bands between them come out as its own.
constexpr double kPassEdge = 0.9136;
constexpr double kStopEdge = 1.0;
constexpr double kAttenuationDb = 138.0;
constexpr double kBeta = 0.1102 * (kAttenuationDb - 8.7);

// Interpolation: samples a period of the band's upper edge, halved, and taps. The error is about
// e^(-pi taps sqrt(1 - 1 / oversampling)).
constexpr double kOversampling = 1.5;
constexpr size_t kTaps = 10;

// A stage divides by this at most: the filter's length, and with it the block's, grows with the ratio.
constexpr double kMaxDivision = 6.5;
constexpr uint64_t kMaxFirstDivision = 8;
constexpr size_t kMaxForward = 6144;
constexpr size_t kMaxOutputs = 4096;
// A block's length in samples of the lower rate. Larger ones spare little, and a tile of them outlasts short
// recordings: 16 blocks are about 1 s at 16 kHz.
constexpr double kMaxBlock = 1300;
constexpr size_t kMaxTurnlessUp = 64;
constexpr size_t kMaxDesigns = 32;

double BesselI0(double x) {
  double sum = 1;
  double term = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

double Sinc(double x) { return x == 0 ? 1 : std::sin(kPi * x) / (kPi * x); }

bool IsSmooth(size_t n) {
  for (const size_t prime : {2, 3, 5, 7}) {
    while (n % prime == 0) n /= prime;
  }
  return n == 1;
}

Twiddle Narrow(std::complex<double> value) {
  return {static_cast<float>(value.real()), static_cast<float>(value.imag())};
}

std::complex<double> UnitRoot(double turns) { return std::polar(1.0, 2 * kPi * turns); }

// What a stage has to do, in cycles a sample of its input.
struct Task {
  uint64_t up;
  uint64_t down;
  double pass_edge;
  double stop_edge;

  double half_width() const {
    return (kAttenuationDb - 7.95) / (2.285 * 2 * kPi * (stop_edge - pass_edge)) / 2;
  }
  double step() const { return static_cast<double>(down) / static_cast<double>(up); }
};

struct Sizes {
  size_t forward;
  size_t inverse;
  size_t taps;
};

// Samples at each end of a block that the filter, and the interpolation after it, cannot do without.
size_t Reach(const Task& task, const Sizes& sizes) {
  const double interpolated = static_cast<double>(sizes.taps) / 2 * static_cast<double>(sizes.forward) /
                              static_cast<double>(sizes.inverse);
  return static_cast<size_t>(std::ceil(task.half_width() + interpolated)) + 2;
}

size_t OutputsOf(const Task& task, const Sizes& sizes) {
  const size_t reach = 2 * Reach(task, sizes);
  if (sizes.forward <= reach) return 0;
  const auto fitting = std::min<uint64_t>(
      kMaxOutputs, static_cast<uint64_t>(static_cast<double>(sizes.forward - reach) / task.step()));
  // Whole periods where that spares the turn.
  const uint64_t period = task.up <= kMaxTurnlessUp ? std::lcm<uint64_t>(task.up, 4) : 4;
  return static_cast<size_t>(fitting >= period ? fitting / period * period : fitting / 4 * 4);
}

std::vector<int> Radices(size_t size) {
  std::vector<int> radices;
  // A lone 2 after 8s costs a pass of its own: two 4s instead of 8 and 2.
  int twos = 0;
  for (; size % 2 == 0; size /= 2) ++twos;
  while (twos >= 3 && twos != 4) {
    radices.push_back(8);
    twos -= 3;
  }
  for (; twos >= 2; twos -= 2) radices.push_back(4);
  if (twos == 1) radices.push_back(2);
  for (const int radix : {9, 3, 5, 7}) {
    for (; size % static_cast<size_t>(radix) == 0; size /= static_cast<size_t>(radix))
      radices.push_back(radix);
  }
  return radices;
}

// Measured: time of a pass, relative to other passes and a point.
double PassCost(int radix) {
  switch (radix) {
    case 2:
      return 0.9;
    case 3:
      return 1.4;
    case 4:
      return 1.4;
    case 5:
      return 2.2;
    case 7:
      return 3.0;
    case 8:
      return 2.1;
    default:
      return 2.5;
  }
}

double FftCost(size_t real) {
  double passes = 0;
  for (const int radix : Radices(real / 2)) passes += PassCost(radix);
  return passes * static_cast<double>(real) / 2;
}

// Time of a block relative to other blocks.
double CostOf(const Task& task, const Sizes& sizes, size_t outputs) {
  const double turned = outputs % task.up == 0 ? 0 : 2;
  return FftCost(sizes.forward) + FftCost(sizes.inverse) + 1.7 * static_cast<double>(sizes.forward) +
         (2 + turned) * static_cast<double>(sizes.inverse) +
         (1.7 + static_cast<double>(sizes.taps) / 3) * static_cast<double>(outputs);
}

Sizes ChooseSizes(const Task& task) {
  Sizes best{};
  double best_cost = std::numeric_limits<double>::infinity();
  const auto consider = [&](const Sizes& sizes) {
    const size_t outputs = OutputsOf(task, sizes);
    if (outputs == 0) return;
    const double cost = CostOf(task, sizes, outputs) / static_cast<double>(outputs);
    if (cost < best_cost) {
      best_cost = cost;
      best = sizes;
    }
  };
  for (size_t half = 8; 2 * half <= kMaxForward; ++half) {
    const size_t forward = 2 * half;
    if (!IsSmooth(half) || static_cast<double>(forward) * std::min(1.0, 1 / task.step()) > kMaxBlock)
      continue;
    const uint64_t exact = forward * task.up;
    if (exact % (2 * task.down) == 0 && IsSmooth(exact / task.down / 2) && exact / task.down <= kMaxForward) {
      consider({forward, static_cast<size_t>(exact / task.down), 0});
    }
    // In steps of the output, the band reaches to stop_edge · forward / inverse.
    size_t inverse_half =
        static_cast<size_t>(std::ceil(kOversampling * task.stop_edge * static_cast<double>(forward)));
    while (!IsSmooth(inverse_half)) ++inverse_half;
    consider({forward, 2 * inverse_half, kTaps});
  }
  return best;
}

// Response of the filter at bin k of `forward`, k = 0 … count - 1; 1 at 0.
std::vector<double> FilterResponse(const Task& task, size_t forward, size_t count) {
  const double width = task.half_width();
  const double cutoff = task.pass_edge + task.stop_edge;
  std::vector<double> taps;
  for (size_t n = 0; static_cast<double>(n) < width; ++n) {
    const double place = static_cast<double>(n) / width;
    taps.push_back(Sinc(cutoff * static_cast<double>(n)) * BesselI0(kBeta * std::sqrt(1 - place * place)));
  }
  std::vector<double> cosine(forward);
  for (size_t i = 0; i < forward; ++i) {
    cosine[i] = std::cos(2 * kPi * static_cast<double>(i) / static_cast<double>(forward));
  }
  std::vector<double> response(count);
  for (size_t k = 0; k < count; ++k) {
    double sum = taps[0] / 2;
    size_t angle = 0;
    for (size_t n = 1; n < taps.size(); ++n) {
      angle += k;
      if (angle >= forward) angle -= forward;
      sum += taps[n] * cosine[angle];
    }
    response[k] = sum;
  }
  const double direct = response[0];
  for (double& value : response) value /= direct;
  return response;
}

// The interpolating window over kTaps samples, and its Fourier transform at `frequency` cycles a sample.
constexpr double kWindowBeta = kPi * static_cast<double>(kTaps) * (1 - 0.5 / kOversampling) * 0.985;

double Window(double distance) {
  const double place = 2 * distance / static_cast<double>(kTaps);
  return std::abs(place) >= 1 ? 0 : BesselI0(kWindowBeta * std::sqrt(1 - place * place));
}

double WindowResponse(double frequency) {
  const double turn = kPi * static_cast<double>(kTaps) * frequency;
  const double root = std::sqrt(kWindowBeta * kWindowBeta - turn * turn);
  return static_cast<double>(kTaps) * std::sinh(root) / root;
}

void FillBins(const Task& task, ResampleStage* stage) {
  const size_t points = stage->forward / 2;
  const double length = static_cast<double>(stage->forward);
  // The stop edge itself is left out: there nothing passes.
  const auto edge = static_cast<size_t>(std::ceil(task.stop_edge * length));
  const size_t count = std::min({points, stage->inverse / 2, edge});
  const std::vector<double> response = FilterResponse(task, stage->forward, count);
  // Sample 0 of the inverse stands this far behind the block's first sample.
  const double start = static_cast<double>(stage->before) -
                       (stage->taps == 0 ? 0.0
                                         : (static_cast<double>(stage->taps) / 2 - 1) * length /
                                               static_cast<double>(stage->inverse));
  for (size_t k = 0; k < count; ++k) {
    const double turns = static_cast<double>(k) / length;
    double gain = response[k] / (2 * length);
    if (stage->taps != 0)
      gain /= WindowResponse(static_cast<double>(k) / static_cast<double>(stage->inverse));
    const std::complex<double> even = gain * UnitRoot(turns * start);
    const std::complex<double> odd = std::complex<double>(0, -1) * UnitRoot(-turns) * even;
    stage->bins.push_back({stage->forward_fft.positions[k],
                           stage->forward_fft.positions[(points - k) % points], Narrow(even + odd),
                           Narrow(even - odd)});
  }
  for (size_t k = 0; k <= stage->inverse / 4; ++k) {
    stage->join_factors.push_back(
        Narrow(UnitRoot(static_cast<double>(k) / static_cast<double>(stage->inverse))));
  }
}

// Output j stands at j · step samples of the inverse behind its sample taps / 2 - 1.
void FillWeights(ResampleStage* stage) {
  const double samples = static_cast<double>(stage->inverse) / static_cast<double>(stage->forward);
  for (size_t j = 0; j < stage->outputs; ++j) {
    const double place = static_cast<double>(j * stage->down) / static_cast<double>(stage->up) * samples;
    const double below = std::floor(place);
    stage->first_sample.push_back(static_cast<uint32_t>(below));
    for (size_t tap = 0; tap < stage->taps; ++tap) {
      const double distance =
          static_cast<double>(tap) - (static_cast<double>(stage->taps) / 2 - 1) - (place - below);
      stage->weights.push_back(static_cast<float>(Window(distance)));
    }
  }
}

ResampleStage MakeStage(const Task& task) {
  const Sizes sizes = ChooseSizes(task);
  ResampleStage stage{};
  stage.up = task.up;
  stage.down = task.down;
  stage.forward = sizes.forward;
  stage.inverse = sizes.inverse;
  stage.taps = sizes.taps;
  stage.before = Reach(task, sizes);
  stage.outputs = OutputsOf(task, sizes);
  stage.turned = stage.outputs % stage.up != 0;
  stage.forward_fft = MakeComplexFft(sizes.forward / 2);
  stage.inverse_fft = MakeComplexFft(sizes.inverse / 2);
  stage.thirds =
      sizes.forward == 3 * sizes.inverse && sizes.taps == 0 && stage.forward_fft.stages.back().radix == 3;
  FillBins(task, &stage);
  if (stage.taps != 0) FillWeights(&stage);
  return stage;
}

// The first stages' transition ends at their output's Nyquist frequency.
ResampleDesign MakeDesign(uint64_t up, uint64_t down) {
  ResampleDesign design{up, down, {}, {}};
  // The lower Nyquist frequency, in cycles a sample of the stage's input.
  double band = 0.5 * std::min(1.0, static_cast<double>(up) / static_cast<double>(down));
  while (static_cast<double>(down) > kMaxDivision * static_cast<double>(up)) {
    // What is left divides by 2 or more, so that the band fills at most half of what is between.
    const uint64_t division = std::clamp<uint64_t>(down / (2 * up), 2, kMaxFirstDivision);
    design.stages.push_back(MakeStage({1, division, band, 0.5 / static_cast<double>(division)}));
    band *= static_cast<double>(division);
    up *= division;
    const uint64_t common = std::gcd(up, down);
    up /= common;
    down /= common;
  }
  design.stages.push_back(MakeStage({up, down, kPassEdge * band, kStopEdge * band}));
  design.margins.assign(design.stages.size(), 0);
  for (size_t i = design.stages.size() - 1; i > 0; --i) {
    const ResampleStage& next = design.stages[i];
    design.margins[i - 1] =
        design.margins[i] * static_cast<size_t>(next.down) / static_cast<size_t>(next.up) + next.before + 1;
  }
  return design;
}

}  // namespace

ComplexFft MakeComplexFft(size_t size) {
  ComplexFft fft{size, {}, {}};
  size_t span = size;
  for (const int radix : Radices(size)) {
    span /= static_cast<size_t>(radix);
    FftStage stage{radix, static_cast<int>(span), {}};
    const auto whole = static_cast<double>(span * static_cast<size_t>(radix));
    for (size_t j = 0; span > 1 && j < span; ++j) {
      for (int p = 1; p < radix; ++p) {
        stage.twiddles.push_back(Narrow(UnitRoot(-static_cast<double>(j * static_cast<size_t>(p)) / whole)));
      }
    }
    fft.stages.push_back(std::move(stage));
  }
  for (size_t k = 0; k < size; ++k) {
    size_t rest = k;
    size_t position = 0;
    for (const FftStage& stage : fft.stages) {
      position += rest % static_cast<size_t>(stage.radix) * static_cast<size_t>(stage.span);
      rest /= static_cast<size_t>(stage.radix);
    }
    fft.positions.push_back(static_cast<uint32_t>(position));
  }
  return fft;
}

std::shared_ptr<const ResampleDesign> ResampleDesign::Get(int from_hz, int to_hz) {
  // Kept when the last recording of a rate ends: the next one usually has the same. Bounded, because an
  // archive with a thousand odd rates is possible.
  static std::mutex mutex;
  static std::map<std::pair<int, int>, std::shared_ptr<const ResampleDesign>> designs;
  const int divisor = std::gcd(from_hz, to_hz);
  const std::pair key{from_hz / divisor, to_hz / divisor};
  const std::lock_guard lock(mutex);
  if (const auto found = designs.find(key); found != designs.end()) return found->second;
  auto design = std::make_shared<const ResampleDesign>(
      MakeDesign(static_cast<uint64_t>(key.second), static_cast<uint64_t>(key.first)));
  if (designs.size() >= kMaxDesigns) designs.clear();
  designs.emplace(key, design);
  return design;
}

}  // namespace undertone::signal
