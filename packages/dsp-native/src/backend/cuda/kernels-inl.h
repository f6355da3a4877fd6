// All kernels, for a CUDA compiler or for the host's (thread.h tells them apart). Include once a binary.
#pragma once

#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "backend/backend.h"
#include "backend/cuda/kernel_args.h"
#include "backend/cuda/thread.h"
#include "feature/feature.h"
#include "signal/grid.h"

namespace undertone::cuda {
namespace {

// In this order, which sorting would break.
// clang-format off
#include "backend/cuda/lane-inl.h"
#include "backend/small_dft-inl.h"
#include "feature/block_entropy-inl.h"
#include "feature/cepstrum-inl.h"
#include "feature/contrast-inl.h"
#include "feature/log-inl.h"
#include "feature/mel-inl.h"
#include "feature/spectral_shape-inl.h"
#include "feature/spectrum-inl.h"
#include "feature/time_domain-inl.h"
#include "backend/cuda/fft-inl.h"
#include "backend/cuda/stretch-inl.h"
#include "backend/cuda/tile_kernel-inl.h"
#include "backend/cuda/delta_kernel-inl.h"
// clang-format on

}  // namespace
}  // namespace undertone::cuda
