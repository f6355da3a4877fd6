// Which instruction set the CPU kernels run under.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace undertone {

struct TileKernels;

// One instruction set of this build, under our name for it.
struct Isa {
  const char* name;
  const TileKernels* kernels;
  int64_t target;  // Highway's bit for it; better ones have lower bits
};

// The instruction sets that are in this build and that this machine has, best first. Never empty: the last is
// scalar.
const std::vector<Isa>& AvailableIsas();

// The one in use: the best, or the one that the environment variable UNDERTONE_ISA names. The variable is
// read once a process. A request also holds for whatever else Highway dispatches (the resampler); where that
// has no code of its own for `scalar`, the compiler's baseline runs. Throws kUsage for a name that is none,
// kUnsupportedDevice for one that this build or this machine lacks.
const Isa& SelectIsa();

}  // namespace undertone
