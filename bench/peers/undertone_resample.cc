// One side of compare.py: the resampler on samples in memory. Protocol: protocol.py.
//   undertone_resample <audio.f32> <from_hz> <to_hz> <seconds a segment, 0 for one> <samples a piece, 0 for all>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <vector>

#include "backend/cpu/isa.h"
#include "backend/cpu/resample.h"

namespace {

std::vector<float> ReadSamples(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<float> samples(bytes.size() / sizeof(float));
  std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(float));
  return samples;
}

double ProcessorSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Task {
  std::vector<float> in;
  int from_hz;
  int to_hz;
  size_t segment;  // samples
  size_t piece;
};

void Resample(const Task& task, undertone::Samples* out) {
  out->clear();
  for (size_t begin = 0; begin + task.segment <= task.in.size(); begin += task.segment) {
    undertone::Resampler resampler(task.from_hz, task.to_hz);
    for (size_t at = 0; at < task.segment; at += task.piece) {
      resampler.Process(task.in.data() + begin + at, std::min(task.segment - at, task.piece), out);
    }
    resampler.Finish(out);
  }
}

// 0 stands for everything.
size_t CountOf(const char* argument, size_t unit, size_t everything) {
  const size_t count = static_cast<size_t>(std::atoi(argument)) * unit;
  return count == 0 ? everything : count;
}

}  // namespace

int main(int, char** arguments) {
  Task task{ReadSamples(arguments[1]), std::atoi(arguments[2]), std::atoi(arguments[3]), 0, 0};
  task.segment = CountOf(arguments[4], static_cast<size_t>(task.from_hz), task.in.size());
  task.piece = CountOf(arguments[5], 1, task.segment);
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
      const double start = ProcessorSeconds();
      for (int pass = 0; pass < passes; ++pass) Resample(task, &out);
      std::printf("%.9g\n", (ProcessorSeconds() - start) / passes);
    }
    std::fflush(stdout);
  }
}
