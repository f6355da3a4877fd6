// The operations of cpu/lane-inl.h for a lane that is one thread's float. Included inside the kernels'
// namespace, after thread.h and <cmath>. Every operation rounds once, as on the CPU: compile with -fmad=false
// or -ffp-contract=off.

using Lane = float;

UNDERTONE_KERNEL Lane LoadRow(const float* tile, size_t row) {
  return LoadShared(tile + row * static_cast<size_t>(LaneCount()) + LaneIndex());
}
UNDERTONE_KERNEL void StoreRow(Lane value, float* tile, size_t row) {
  StoreShared(value, tile + row * static_cast<size_t>(LaneCount()) + LaneIndex());
}
UNDERTONE_KERNEL const float* RowsFrom(const float* tile, size_t row) {
  return tile + row * static_cast<size_t>(LaneCount());
}
UNDERTONE_KERNEL float* RowsFrom(float* tile, size_t row) {
  return tile + row * static_cast<size_t>(LaneCount());
}

UNDERTONE_KERNEL Lane Splat(float value) { return value; }
UNDERTONE_KERNEL Lane MultiplyAdd(Lane a, Lane b, Lane c) { return fmaf(a, b, c); }
UNDERTONE_KERNEL Lane MultiplySubtract(Lane a, Lane b, Lane c) { return fmaf(-a, b, c); }
UNDERTONE_KERNEL Lane Maximum(Lane a, Lane b) { return a > b ? a : b; }
UNDERTONE_KERNEL Lane Minimum(Lane a, Lane b) { return a < b ? a : b; }
UNDERTONE_KERNEL Lane SquareRoot(Lane a) { return sqrtf(a); }
UNDERTONE_KERNEL Lane AbsoluteValue(Lane a) { return fabsf(a); }
UNDERTONE_KERNEL Lane SelectLess(Lane a, Lane b, Lane yes, Lane no) { return a < b ? yes : no; }

UNDERTONE_KERNEL int32_t BitsOf(float x) {
#ifdef __CUDACC__
  return __float_as_int(x);
#else
  return std::bit_cast<int32_t>(x);
#endif
}
UNDERTONE_KERNEL float FloatOf(int32_t bits) {
#ifdef __CUDACC__
  return __int_as_float(bits);
#else
  return std::bit_cast<float>(bits);
#endif
}

UNDERTONE_KERNEL void SplitExponent(Lane x, Lane* exponent, Lane* fraction) {
  const int32_t bits = BitsOf(x);
  const int32_t e = (bits - 0x3f3504f3) >> 23;
  *exponent = static_cast<float>(e);
  *fraction = FloatOf(bits - e * (1 << 23)) - 1.0f;
}
UNDERTONE_KERNEL Lane RoundToInteger(Lane x) { return rintf(x); }
UNDERTONE_KERNEL Lane PowerOfTwo(Lane n) { return FloatOf((static_cast<int32_t>(n) + 127) << 23); }

#include "backend/lane_math-inl.h"
