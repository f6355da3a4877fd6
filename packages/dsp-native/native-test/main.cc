// The engine without Node, over exactly sized heap blocks for AddressSanitizer and valgrind to watch.
//
//   cmake -S . -B build/native-test -DUNDERTONE_NATIVE_TESTS=ON [-DUNDERTONE_SANITIZE=address,undefined]
//   cmake --build build/native-test -j2 && ctest --test-dir build/native-test
//
// UNDERTONE_ISA picks the instruction set; arguments name tests, none means all. Exit status 1 and a line per
// failure when something is wrong, 77 when the machine or the build lacks the instruction set.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>

#include "backend/cpu/isa.h"
#include "core/status.h"
#include "expect.h"
#include "tests.h"

namespace {

struct Test {
  const char* name;
  void (*run)();
};

constexpr Test kTests[] = {
    {"spectrum", undertone::test::TestSpectrum},
    {"resampler", undertone::test::TestResampler},
    {"tracks", undertone::test::TestTracks},
    {"plan", undertone::test::TestPlan},
    {"pitch", undertone::test::TestPitch},
    {"speech", undertone::test::TestSpeech},
    {"wav", undertone::test::TestWav},
    {"allocation", undertone::test::TestAllocation},
    {"cuda-kernels", undertone::test::TestCudaKernels},
    {"cuda-schedule", undertone::test::TestCudaSchedule},
};

constexpr int kSkipped = 77;

}  // namespace

int main(int argc, char** argv) {
  try {
    std::printf("instruction set: %s\n", undertone::SelectIsa().name);
  } catch (const undertone::Error& error) {
    std::printf("%s\n", error.what());
    return error.code() == undertone::StatusCode::kUnsupportedDevice ? kSkipped : 1;
  }
  const auto is_named = [&](const Test& test) {
    return std::any_of(argv + 1, argv + argc,
                       [&](const char* name) { return std::strcmp(name, test.name) == 0; });
  };
  if (argc > 1 && std::count_if(std::begin(kTests), std::end(kTests), is_named) != argc - 1) {
    std::printf("An argument is not the name of a test, or stands there twice\n");
    return 1;
  }
  for (const Test& test : kTests) {
    if (argc > 1 && !is_named(test)) continue;
    const int before = undertone::test::failures;
    test.run();
    std::printf("%s: %d failures\n", test.name, undertone::test::failures - before);
  }
  return undertone::test::failures == 0 ? 0 : 1;
}
