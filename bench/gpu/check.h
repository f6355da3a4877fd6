// The parts of gpu_check.
#pragma once

#include <string>

#include "backend/cuda/driver.h"
#include "core/front_end.h"

namespace undertone::check {

// `count` random front-ends and a dozen fixed ones on the device and by the same kernels on the host, bit for bit; and
// 1,000 batches without growth of device memory. Prints a line a part; returns the number of failures.
int RunDeviceTests(cuda::Driver& driver, const cuda::DeviceInfo& info, int count);

// Figures to standard output and, as JSON, to `json_path`. peer_path: what torchaudio_peer.py printed; empty for none.
// Throws Error.
void RunBench(cuda::Driver& driver, const cuda::DriverInfo& versions, const cuda::DeviceInfo& info,
              const std::string& json_path, const std::string& peer_path);

// 16 kHz, 25 ms windows every 10 ms, centred, FFT of 512: what torchaudio_peer.py computes.
FrontEndSpec LogMel80();
FrontEndSpec Mfcc13();

}  // namespace undertone::check
