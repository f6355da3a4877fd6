// Peaks of a tile's power spectra, lane by lane.
#if defined(UNDERTONE_BACKEND_CPU_PEAKS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNDERTONE_BACKEND_CPU_PEAKS_INL_H_
#undef UNDERTONE_BACKEND_CPU_PEAKS_INL_H_
#else
#define UNDERTONE_BACKEND_CPU_PEAKS_INL_H_
#endif

#include <bit>

#include "backend/cpu/lane-inl.h"
#include "backend/cpu/tile_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace undertone::HWY_NAMESPACE {

// in: power, `bins` rows. out: the bins of `range` above a hundredth of their frame's largest, larger than
// the bin below and not smaller than the one above; each lane's in ascending order. Few bins are, so what is
// done for one of them is of no account.
HWY_INLINE void FindPeaks(const signal::PeakRange& range, const float* power, size_t bins, TilePeaks& peaks) {
  const LaneTag d;
  Lane largest = Splat(0.0f);
  for (size_t k = 0; k < bins; ++k) largest = Maximum(largest, LoadRow(power, k));
  hn::StoreU(largest, d, peaks.largest.data());
  const Lane threshold = largest * Splat(0.01f);
  peaks.found.clear();
  for (size_t k = static_cast<size_t>(range.first_bin); k < static_cast<size_t>(range.end_bin); ++k) {
    const Lane here = LoadRow(power, k);
    const auto loud = hn::Gt(here, threshold);
    const auto top = hn::And(hn::Gt(here, LoadRow(power, k - 1)), hn::Ge(here, LoadRow(power, k + 1)));
    const auto peak = hn::And(loud, top);
    if (hn::AllFalse(d, peak)) continue;
    uint8_t bytes[8] = {};
    hn::StoreMaskBits(d, peak, bytes);
    uint64_t lanes = 0;
    for (size_t i = 0; i < 8; ++i) lanes |= uint64_t{bytes[i]} << (8 * i);
    for (; lanes != 0; lanes &= lanes - 1) {
      const auto lane = static_cast<size_t>(std::countr_zero(lanes));
      const float* at = power + k * kLanes + lane;
      peaks.found.push_back({lane, {static_cast<int>(k), *(at - kLanes), *at, *(at + kLanes)}});
    }
  }
}

}  // namespace undertone::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
