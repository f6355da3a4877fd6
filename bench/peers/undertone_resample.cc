// One side of compare.py: the resampler on samples in memory. Protocol: protocol.py.
//   undertone_resample <audio.f32> <from_hz> <to_hz> [seconds a segment]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "backend/cpu/isa.h"
#include "backend/cpu/resample.h"

namespace {

// Samples arrive as a recording hands them out.
constexpr size_t kPiece = size_t{1} << 12;

std::vector<float> ReadSamples(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<float> samples(bytes.size() / sizeof(float));
  std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(float));
  return samples;
}

struct Task {
  std::vector<float> in;
  int from_hz;
  int to_hz;
  size_t segment;  // samples
};

void Resample(const Task& task, undertone::Samples* out) {
  out->clear();
  for (size_t begin = 0; begin + task.segment <= task.in.size(); begin += task.segment) {
    undertone::Resampler resampler(task.from_hz, task.to_hz);
    for (size_t at = 0; at < task.segment; at += kPiece) {
      resampler.Process(task.in.data() + begin + at, std::min(task.segment - at, kPiece), out);
    }
    resampler.Finish(out);
  }
}

}  // namespace

int main(int count, char** arguments) {
  Task task{ReadSamples(arguments[1]), std::atoi(arguments[2]), std::atoi(arguments[3]), 0};
  task.segment = count > 4 ? static_cast<size_t>(std::atoi(arguments[4]) * task.from_hz) : task.in.size();
  const char* isa = undertone::SelectIsa().name;
  undertone::Samples out;
  for (int i = 0; i < 2; ++i) Resample(task, &out);
  std::printf("{\"rows\": %zu, \"columns\": 1, \"version\": \"undertone, %s\"}\n", out.size(), isa);
  std::fflush(stdout);
  char command[16];
  char argument[4096];
  while (std::scanf("%15s %4095s", command, argument) == 2) {
    if (std::strcmp(command, "save") == 0) {
      std::ofstream(argument, std::ios::binary)
          .write(reinterpret_cast<const char*>(out.data()),
                 static_cast<std::streamsize>(out.size() * sizeof(float)));
      std::printf("0\n");
    } else {
      const int passes = std::atoi(argument);
      const auto start = std::chrono::steady_clock::now();
      for (int pass = 0; pass < passes; ++pass) Resample(task, &out);
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
      std::printf("%.9g\n", taken.count() / passes);
    }
    std::fflush(stdout);
  }
}
