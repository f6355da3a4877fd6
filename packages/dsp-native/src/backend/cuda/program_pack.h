// From a recipe to what a launch carries: tables as one block of bytes for the device, and a tile's layout.
#pragma once

#include <cstddef>
#include <vector>

#include "backend/cuda/driver.h"
#include "backend/cuda/kernel_args.h"
#include "feature/recipe.h"

namespace undertone::cuda {

// Throws kUsage for what the kernels do not compute, naming the feature.
void CheckComputable(const FrameRecipe& recipe);

// A tile of `lanes` frames.
TileLayout MakeLayout(const FrameRecipe& recipe, int lanes, int workers);

// The largest tile of which two fit into a multiprocessor's shared memory, else the largest that fits into a
// block's. Throws kUsage for frames of which not even one fits.
TileLayout ChooseLayout(const FrameRecipe& recipe, const DeviceInfo& device);

// Writes the recipe's tables to `image`, which is to lie at `base` in device memory.
ProgramView PackProgram(const FrameRecipe& recipe, const TileLayout& layout, const void* base,
                        std::vector<std::byte>* image);

}  // namespace undertone::cuda
