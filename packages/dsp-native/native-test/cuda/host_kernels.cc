#include "host_kernels.h"

#include "backend/cuda/kernels-inl.h"

namespace undertone::cuda {

std::string RunFramesOnHost(const FrameLaunch& launch, uint32_t seed) {
  const TileLayout& layout = launch.layout;
  for (int tile = 0; tile < launch.tiles; ++tile) {
    EmulatedBlock block(layout.lanes, layout.workers, static_cast<size_t>(layout.floats),
                        seed + static_cast<uint32_t>(tile));
    TileRun(launch, launch.jobs[tile], block.memory()).Run();
    if (!block.fault().empty()) return "tile " + std::to_string(tile) + ", " + block.fault();
  }
  return "";
}

void RunDeltasOnHost(const DeltaLaunch& launch) {
  const int64_t values = static_cast<int64_t>(launch.columns) * launch.orders;
  for (int i = 0; i < launch.job_count; ++i) {
    const DeltaJob& job = launch.jobs[i];
    for (int64_t index = 0; index < job.count * values; ++index) DeltaValue(launch, job, index);
  }
}

}  // namespace undertone::cuda
