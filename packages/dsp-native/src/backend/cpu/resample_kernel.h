// The border between the resampler and its kernel, which is compiled once an instruction set.
#pragma once

#include <cstddef>

#include "signal/resample_design.h"

namespace undertone {

// Every lane is a block of its own: its outputs do not depend on its lane.
struct ResampleKernel {
  size_t lanes;

  // Floats of working memory, aligned to a whole vector, for tiles of this stage.
  size_t (*scratch_size)(const signal::ResampleStage& stage);

  // One tile. blocks: `lanes` pointers to stage.forward samples each. turns: a lane each, radians that bin 1
  // is turned by (2 pi / forward times the share of a sample by which the block's first output lies behind
  // sample `before`, -1/2 … 1/2); read only if stage.turned. outputs: `lanes` pointers that receive
  // stage.outputs values each.
  void (*tile)(const signal::ResampleStage& stage, const float* const* blocks, const float* turns,
               float* scratch, float* const* outputs);
};

// That of the instruction set in use.
const ResampleKernel& GetResampleKernel();

}  // namespace undertone
