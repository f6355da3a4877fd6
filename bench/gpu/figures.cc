#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include "backend/cuda/measure.h"
#include "backend/cuda/program_pack.h"
#include "check.h"
#include "core/status.h"
#include "feature/feature.h"

namespace undertone::check {
namespace {

using cuda::Bandwidths;

// Ten seconds a recording.
constexpr int64_t kSamples = 160000;
const cuda::Effort kEffort;

// The number behind "key": in a flat JSON object; 0 for none.
double NumberIn(const std::string& json, const std::string& key) {
  const size_t at = json.find("\"" + key + "\":");
  return at == std::string::npos ? 0 : std::strtod(json.c_str() + at + key.size() + 3, nullptr);
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Report {
 public:
  void Line(const std::string& key, double value, const char* unit) {
    std::printf("%-44s %14.4g %s\n", key.c_str(), value, unit);
    char number[64];
    std::snprintf(number, sizeof number, "%.6g", value);
    json_ += (json_.empty() ? "" : ",\n") + ("  \"" + key + "\": " + number);
  }
  void Text(const std::string& key, const std::string& value) {
    std::printf("%-44s %s\n", key.c_str(), value.c_str());
    json_ += (json_.empty() ? "" : ",\n") + ("  \"" + key + "\": \"" + value + "\"");
  }
  void Save(const std::string& path) const { std::ofstream(path) << "{\n" << json_ << "\n}\n"; }

 private:
  std::string json_;
};

void ReportFrontEnd(cuda::Driver& driver, const cuda::DeviceInfo& info, const Bandwidths& bandwidths,
                    const std::string& name, const FrontEndSpec& spec, double peer, Report& report) {
  // A gigabyte of samples and rows, or an eighth of the device.
  const int64_t recordings = std::clamp<int64_t>(info.memory_bytes / 8 / 2000000, 32, 512);
  const auto recipe = MakeRecipe(spec);
  const cuda::TileLayout chosen = cuda::ChooseLayout(*recipe, info);
  for (const auto format : {cuda::SampleFormat::kFloat32, cuda::SampleFormat::kInt16}) {
    const std::string label =
        name + (format == cuda::SampleFormat::kInt16 ? ".resident.int16" : ".resident.float32");
    const cuda::Measured figure =
        cuda::MeasureResident(driver, 0, spec, chosen, format, {recordings, kSamples}, kEffort);
    report.Line(label + ".frames_per_second", figure.frames_per_second, "frames/s");
    report.Line(label + ".share_of_device_bandwidth", figure.bytes_per_second / bandwidths.device, "");
    if (peer > 0 && format == cuda::SampleFormat::kFloat32) {
      report.Line(name + ".resident.times_torchaudio", figure.frames_per_second / peer, "x");
    }
  }
  // Whether the layout that was chosen is the best one here.
  for (const int lanes : {8, 16, 32}) {
    for (const int workers : {8, 16, 32}) {
      const cuda::TileLayout layout = cuda::MakeLayout(*recipe, lanes, workers);
      const auto bytes = static_cast<int64_t>(layout.floats) * static_cast<int64_t>(sizeof(float));
      if (bytes > info.shared_bytes_per_block || lanes * workers > 512) continue;
      const cuda::Measured figure = cuda::MeasureResident(driver, 0, spec, layout, cuda::SampleFormat::kInt16,
                                                        {recordings / 4, kSamples}, kEffort);
      const bool is_chosen = lanes == chosen.lanes && workers == chosen.workers;
      report.Line(name + ".lanes" + std::to_string(lanes) + ".workers" + std::to_string(workers) +
                      (is_chosen ? ".chosen" : ""),
                  figure.frames_per_second, "frames/s");
    }
  }
  const cuda::Measured whole = cuda::MeasureHostToHost(driver, 0, spec, {recordings, kSamples}, kEffort);
  report.Line(name + ".host_to_host.frames_per_second", whole.frames_per_second, "frames/s");
  report.Line(name + ".host_to_host.share_of_copy_bandwidth", whole.bytes_per_second / bandwidths.to_device, "");
}

std::string Today() {
  char text[32];
  const std::time_t now = std::time(nullptr);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
  return text;
}

}  // namespace

FrontEndSpec LogMel80() {
  FrontEndSpec spec{};
  spec.sample_rate_hz = 16000;
  spec.samples = {1, Normalise::kNone};
  spec.frame = {400, 160, 512, Placement::kCentre, Padding::kReflect, WindowShape::kHann, WindowSymmetry::kPeriodic,
                false, 0, PreEmphasisScope::kFrame};
  spec.spectrum = {SpectrumKind::kPower, std::nullopt};
  spec.mel = {80, 0, 8000, MelScale::kSlaney, MelSlope::kHz, MelNorm::kNone};
  spec.log = {LogKind::kLn, 1e-10, 1.0, std::nullopt, 0, 1};
  return spec;
}

FrontEndSpec Mfcc13() {
  FrontEndSpec spec = LogMel80();
  spec.mel->bands = 40;
  spec.cepstrum = {13, FirstCepstrum::kCepstrum, 0, 0};
  return spec;
}

void RunBench(cuda::Driver& driver, const cuda::DriverInfo& versions, const cuda::DeviceInfo& info,
              const std::string& json_path, const std::string& peer_path) {
  Report report;
  report.Text("date", Today());
  report.Text("card", info.name);
  report.Line("cuda_runtime", versions.runtime_version, "");
  report.Line("cuda_driver", versions.driver_version, "");
  const Bandwidths bandwidths = cuda::MeasureBandwidths(driver, 0, size_t{256} << 20, kEffort);
  report.Line("host_to_device_bytes_per_second", bandwidths.to_device, "B/s");
  report.Line("device_to_host_bytes_per_second", bandwidths.to_host, "B/s");
  report.Line("device_memory_bytes_per_second", bandwidths.device, "B/s");
  const std::string peer = peer_path.empty() ? "" : ReadAll(peer_path);
  const double logmel = NumberIn(peer, "logmel");
  const double mfcc = NumberIn(peer, "mfcc");
  if (logmel > 0) report.Line("torchaudio.logmel.frames_per_second", logmel, "frames/s");
  if (mfcc > 0) report.Line("torchaudio.mfcc.frames_per_second", mfcc, "frames/s");
  ReportFrontEnd(driver, info, bandwidths, "logmel-80", LogMel80(), logmel, report);
  ReportFrontEnd(driver, info, bandwidths, "mfcc-13", Mfcc13(), mfcc, report);
  report.Save(json_path);
}

}  // namespace undertone::check
