#include "napi/parse.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>

#include "core/status.h"
#include "napi/parse_statistics.h"

namespace undertone::napi {
namespace {

constexpr int kMaxFftSize = 65536;

template <typename T>
struct Choice {
  const char* name;
  T value;
};

std::string TypeName(const Napi::Value& value) {
  if (value.IsNull()) return "null";
  if (value.IsArray()) return "array";
  if (value.IsString()) return "string";
  if (value.IsNumber()) return "number";
  if (value.IsBoolean()) return "boolean";
  if (value.IsFunction()) return "function";
  return "object";
}

// As shared/errors.ts shows it: JSON, or String(value) for what JSON has no word for.
std::string Shown(const Napi::Value& value) {
  const Napi::Env env = value.Env();
  const Napi::Object json = env.Global().Get("JSON").As<Napi::Object>();
  const Napi::Value text = json.Get("stringify").As<Napi::Function>().Call(json, {value});
  return text.IsString() ? text.As<Napi::String>().Utf8Value() : value.ToString().Utf8Value();
}

std::string Number(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// Reads the keys of one settings object; Finish() refuses those that nobody asked for.
class Group {
 public:
  Group(const Napi::Value& value, std::string path) : path_(std::move(path)) {
    if (!value.IsObject() || value.IsArray() || value.IsFunction())
      ThrowUnexpected("an object", path_, value);
    object_ = value.As<Napi::Object>();
  }

  Napi::Value Get(const char* key) {
    read_.insert(key);
    return object_.Get(key);
  }
  std::string PathOf(const std::string& key) const { return path_ + "." + key; }

  bool Boolean(const char* key) {
    const Napi::Value value = Get(key);
    if (!value.IsBoolean()) ThrowUnexpected("a boolean", PathOf(key), value);
    return value.As<Napi::Boolean>().Value();
  }

  double Real(const char* key, double low, double high) {
    const Napi::Value value = Get(key);
    if (!value.IsNumber()) ThrowUnexpected("a number", PathOf(key), value);
    const double number = value.As<Napi::Number>().DoubleValue();
    if (!(number >= low)) ThrowUnexpected("at least " + Number(low), PathOf(key), value);
    if (!(number <= high)) ThrowUnexpected("at most " + Number(high), PathOf(key), value);
    return number;
  }

  double Positive(const char* key) {
    const Napi::Value value = Get(key);
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
    if (!(number > 0) || !std::isfinite(number)) ThrowUnexpected("a number above 0", PathOf(key), value);
    return number;
  }

  int Integer(const char* key, int low, int high) {
    return static_cast<int>(ParseInteger(Get(key), PathOf(key), low, high));
  }

  template <typename T>
  T Enum(const char* key, std::initializer_list<Choice<T>> choices) {
    return EnumValue(Get(key), PathOf(key), choices);
  }

  template <typename T>
  static T EnumValue(const Napi::Value& value, const std::string& path,
                     std::initializer_list<Choice<T>> choices) {
    const std::string text = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
    std::string names;
    for (const Choice<T>& choice : choices) {
      if (text == choice.name) return choice.value;
      names += (names.empty() ? "\"" : ", \"") + std::string(choice.name) + "\"";
    }
    ThrowUnexpected("one of " + names, path, value);
  }

  // A nested group, or nothing where it is null.
  template <typename T>
  std::optional<T> Optional(const char* key, T (*parse)(Group)) {
    const Napi::Value value = Get(key);
    if (value.IsNull()) return std::nullopt;
    return Nested(value, key, parse);
  }

  template <typename T>
  T Required(const char* key, T (*parse)(Group)) {
    return Nested(Get(key), key, parse);
  }

  void Finish() const {
    const Napi::Array keys = object_.GetPropertyNames();
    for (uint32_t i = 0; i < keys.Length(); ++i) {
      const std::string key = Napi::Value(keys[i]).ToString().Utf8Value();
      if (!read_.contains(key)) {
        throw Error(StatusCode::kUsage, "Expected no setting named \"" + key + "\" in " + path_);
      }
    }
  }

 private:
  template <typename T>
  T Nested(const Napi::Value& value, const char* key, T (*parse)(Group)) {
    return parse(Group(value, PathOf(key)));
  }

  std::string path_;
  Napi::Object object_;
  std::set<std::string> read_;
};

// Longer than any recording that is held in memory.
constexpr int kMostSamples = 1'000'000'000;

ExcerptSpec ParseExcerpt(Group group) {
  ExcerptSpec spec;
  spec.offset_samples = group.Integer("offsetSamples", 0, kMostSamples);
  if (!group.Get("lengthSamples").IsNull()) {
    spec.length_samples = group.Integer("lengthSamples", 1, kMostSamples);
  }
  spec.pad = group.Boolean("pad");
  if (spec.pad && !spec.length_samples) {
    ThrowUnexpected("an integer, which pad needs,", group.PathOf("lengthSamples"),
                    group.Get("lengthSamples"));
  }
  group.Finish();
  return spec;
}

GateSpec ParseGate(Group group) {
  GateSpec spec;
  spec.window_samples = group.Integer("windowSamples", 1, 1'000'000);
  spec.threshold = group.Real("threshold", 0, 1);
  group.Finish();
  return spec;
}

SamplesSpec ParseSamples(Group group) {
  SamplesSpec spec;
  spec.full_scale = group.Positive("fullScale");
  if (spec.full_scale != 1 && spec.full_scale != 32768) {
    ThrowUnexpected("1 or 32768", group.PathOf("fullScale"), group.Get("fullScale"));
  }
  spec.normalise = group.Enum<Normalise>(
      "normalise", {{"none", Normalise::kNone}, {"z-score", Normalise::kZScore}, {"peak", Normalise::kPeak}});
  spec.excerpt = group.Optional("excerpt", ParseExcerpt);
  spec.gate = group.Optional("gate", ParseGate);
  group.Finish();
  return spec;
}

FrameSpec ParseFrame(Group group) {
  FrameSpec spec;
  spec.fft_size = group.Integer("fftSize", 2, kMaxFftSize);
  spec.length_samples = group.Integer("lengthSamples", 2, spec.fft_size);
  spec.hop_samples = group.Integer("hopSamples", 1, kMaxFftSize);
  spec.placement = group.Enum<Placement>("placement", {{"snip", Placement::kSnip},
                                                       {"centre", Placement::kCentre},
                                                       {"whisper-centre", Placement::kWhisperCentre},
                                                       {"kaldi-centre", Placement::kKaldiCentre}});
  spec.padding = group.Enum<Padding>(
      "padding",
      {{"zero", Padding::kZero}, {"reflect", Padding::kReflect}, {"symmetric", Padding::kSymmetric}});
  spec.window = group.Enum<WindowShape>("window", {{"hann", WindowShape::kHann},
                                                   {"hamming", WindowShape::kHamming},
                                                   {"blackman", WindowShape::kBlackman},
                                                   {"povey", WindowShape::kPovey},
                                                   {"rectangular", WindowShape::kRectangular}});
  spec.window_symmetry = group.Enum<WindowSymmetry>(
      "windowSymmetry", {{"periodic", WindowSymmetry::kPeriodic}, {"symmetric", WindowSymmetry::kSymmetric}});
  spec.remove_dc = group.Boolean("removeDc");
  spec.pre_emphasis = group.Real("preEmphasis", 0, 1);
  spec.pre_emphasis_scope = group.Enum<PreEmphasisScope>(
      "preEmphasisScope", {{"frame", PreEmphasisScope::kFrame}, {"signal", PreEmphasisScope::kSignal}});
  group.Finish();
  return spec;
}

SpectrumKind ParseSpectrumKind(Group& group, const char* key) {
  return group.Enum<SpectrumKind>(key,
                                  {{"power", SpectrumKind::kPower}, {"magnitude", SpectrumKind::kMagnitude}});
}

SpectrumSpec ParseSpectrum(Group group) {
  SpectrumSpec spec{ParseSpectrumKind(group, "kind"), std::nullopt};
  if (!group.Get("descriptorFftSize").IsNull()) {
    spec.descriptor_fft_size = group.Integer("descriptorFftSize", 2, kMaxFftSize);
  }
  group.Finish();
  return spec;
}

MelSpec ParseMel(Group group) {
  MelSpec spec;
  spec.bands = group.Integer("bands", 1, 512);
  spec.f_max_hz = group.Positive("fMaxHz");
  spec.f_min_hz = group.Real("fMinHz", 0, spec.f_max_hz);
  spec.scale = group.Enum<MelScale>("scale", {{"htk", MelScale::kHtk}, {"slaney", MelScale::kSlaney}});
  spec.slope = group.Enum<MelSlope>(
      "slope", {{"hz", MelSlope::kHz}, {"mel", MelSlope::kMel}, {"bin", MelSlope::kBin}});
  spec.norm = group.Enum<MelNorm>("norm", {{"none", MelNorm::kNone}, {"slaney", MelNorm::kSlaney}});
  group.Finish();
  return spec;
}

LogSpec ParseLog(Group group) {
  LogSpec spec;
  spec.kind =
      group.Enum<LogKind>("kind", {{"ln", LogKind::kLn}, {"log10", LogKind::kLog10}, {"db", LogKind::kDb}});
  // A float32 logarithm of a smaller number would be that of 0.
  spec.floor = group.Real("floor", 1e-37, 1e30);
  const Napi::Value reference = group.Get("reference");
  if (reference.IsString()) {
    spec.reference = Group::EnumValue<ReferenceMax>(reference, group.PathOf("reference"), {{"max", {}}});
  } else {
    spec.reference = group.Positive("reference");
  }
  if (!group.Get("topDb").IsNull()) spec.top_db = group.Positive("topDb");
  spec.add = group.Real("add", -1e6, 1e6);
  spec.multiply = group.Real("multiply", 1e-6, 1e6);
  group.Finish();
  return spec;
}

CepstrumSpec ParseCepstrum(Group group) {
  CepstrumSpec spec;
  spec.coefficients = group.Integer("coefficients", 1, 512);
  spec.c0 = group.Enum<FirstCepstrum>("c0", {{"cepstrum", FirstCepstrum::kCepstrum},
                                             {"omit", FirstCepstrum::kOmit},
                                             {"log-energy", FirstCepstrum::kLogEnergy}});
  spec.lifter_length = group.Real("lifterLength", 0, 1e6);
  spec.lifter_first_index = group.Integer("lifterFirstIndex", 0, 1);
  group.Finish();
  return spec;
}

Convention ParseConvention(Group& group) {
  return group.Enum<Convention>(
      "convention", {{"librosa", Convention::kLibrosa}, {"pyaudioanalysis", Convention::kPyAudioAnalysis}});
}

PitchFeature ParsePitch(Group& group) {
  PitchFeature pitch;
  pitch.f_min_hz = group.Real("fMinHz", 10, 1e6);
  pitch.f_max_hz = group.Real("fMaxHz", pitch.f_min_hz, 1e6);
  pitch.frame_samples = group.Integer("frameSamples", 16, kMaxFftSize);
  pitch.trough_threshold = group.Real("troughThreshold", 0.01, 1);
  pitch.voiced_threshold = group.Real("voicedThreshold", 0.01, 1);
  return pitch;
}

struct FeatureParser {
  const char* kind;
  FeatureSpec (*parse)(Group& group);
};

constexpr int kMaxBlocks = 256;

const FeatureParser kFeatureParsers[] = {
    {"spectrum", [](Group&) -> FeatureSpec { return SpectrumFeature{}; }},
    {"mel", [](Group&) -> FeatureSpec { return MelFeature{}; }},
    {"log", [](Group&) -> FeatureSpec { return LogFeature{}; }},
    {"cepstrum", [](Group&) -> FeatureSpec { return CepstrumFeature{}; }},
    {"zero-crossing-rate",
     [](Group& group) -> FeatureSpec { return ZeroCrossingRateFeature{ParseConvention(group)}; }},
    {"energy", [](Group& group) -> FeatureSpec { return EnergyFeature{group.Boolean("windowed")}; }},
    {"rms", [](Group& group) -> FeatureSpec { return RmsFeature{group.Boolean("windowed")}; }},
    {"energy-entropy",
     [](Group& group) -> FeatureSpec {
       return EnergyEntropyFeature{group.Integer("blocks", 2, kMaxBlocks), group.Boolean("windowed")};
     }},
    {"spectral-centroid",
     [](Group& group) -> FeatureSpec { return CentroidFeature{ParseConvention(group)}; }},
    {"spectral-bandwidth",
     [](Group& group) -> FeatureSpec { return BandwidthFeature{ParseConvention(group)}; }},
    {"spectral-skewness", [](Group&) -> FeatureSpec { return SkewnessFeature{}; }},
    {"spectral-kurtosis", [](Group&) -> FeatureSpec { return KurtosisFeature{}; }},
    {"spectral-entropy",
     [](Group& group) -> FeatureSpec {
       return SpectralEntropyFeature{group.Integer("blocks", 2, kMaxBlocks)};
     }},
    {"spectral-flux", [](Group&) -> FeatureSpec { return FluxFeature{}; }},
    {"spectral-flatness", [](Group&) -> FeatureSpec { return FlatnessFeature{}; }},
    {"spectral-roll-off",
     [](Group& group) -> FeatureSpec {
       return RollOffFeature{group.Real("share", 0.01, 0.99), ParseConvention(group)};
     }},
    {"spectral-slope", [](Group&) -> FeatureSpec { return SlopeFeature{}; }},
    {"spectral-contrast",
     [](Group& group) -> FeatureSpec {
       return ContrastFeature{group.Positive("fMinHz"), group.Integer("bands", 1, 16),
                              group.Real("quantile", 0.001, 0.5)};
     }},
    {"chroma",
     [](Group& group) -> FeatureSpec { return ChromaFeature{ParseSpectrumKind(group, "spectrum")}; }},
    {"chroma-cqt", [](Group&) -> FeatureSpec { return ChromaCqtFeature{}; }},
    {"tonnetz", [](Group&) -> FeatureSpec { return TonnetzFeature{}; }},
    {"pitch", [](Group& group) -> FeatureSpec { return ParsePitch(group); }},
};

std::vector<FeatureSpec> ParseFeatures(const Napi::Value& value, const std::string& path) {
  if (!value.IsArray()) ThrowUnexpected("an array", path, value);
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<FeatureSpec> features;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    Group group(array[i], path + "." + std::to_string(i));
    const Napi::Value kind = group.Get("kind");
    const std::string name = kind.IsString() ? kind.As<Napi::String>().Utf8Value() : "";
    const auto parser = std::find_if(std::begin(kFeatureParsers), std::end(kFeatureParsers),
                                     [&](const FeatureParser& entry) { return name == entry.kind; });
    if (parser == std::end(kFeatureParsers)) ThrowUnexpected("a kind of feature", group.PathOf("kind"), kind);
    features.push_back(parser->parse(group));
    group.Finish();
  }
  return features;
}

CmvnSpec ParseCmvn(Group group) {
  constexpr int kMostFrames = 1'000'000;
  CmvnSpec spec;
  spec.scope = group.Enum<CmvnScope>(
      "scope", {{"utterance", CmvnScope::kUtterance}, {"sliding", CmvnScope::kSliding}});
  spec.normalise_variance = group.Boolean("normaliseVariance");
  spec.window_frames = group.Integer("windowFrames", 1, kMostFrames);
  spec.min_window_frames = group.Integer("minWindowFrames", 1, kMostFrames);
  if (spec.scope == CmvnScope::kSliding && spec.min_window_frames > spec.window_frames) {
    ThrowUnexpected("at most windowFrames (" + std::to_string(spec.window_frames) + ")",
                    group.PathOf("minWindowFrames"), group.Get("minWindowFrames"));
  }
  spec.centre = group.Boolean("centre");
  group.Finish();
  return spec;
}

SequenceSpec ParseSequence(Group group) {
  const SequenceSpec spec{group.Integer("frames", 1, 100'000)};
  group.Finish();
  return spec;
}

DeltaSpec ParseDeltas(Group group) {
  DeltaSpec spec;
  spec.order = group.Integer("order", 1, 2);
  spec.width = group.Integer("width", 3, 101);
  if (spec.width % 2 == 0) ThrowUnexpected("an odd number", group.PathOf("width"), group.Get("width"));
  spec.convention = group.Enum<DeltaConvention>("convention", {{"librosa", DeltaConvention::kLibrosa},
                                                               {"kaldi", DeltaConvention::kKaldi},
                                                               {"difference", DeltaConvention::kDifference}});
  group.Finish();
  return spec;
}

// The contradictions that the engine would trip over; shared/settings.ts finds the others as well.
void CheckTogether(const FrontEndSpec& spec, Group& root) {
  if (spec.cepstrum && !spec.mel)
    ThrowUnexpected("mel settings, which cepstrum needs,", root.PathOf("mel"), root.Get("mel"));
  if (spec.cepstrum && !spec.log)
    ThrowUnexpected("log settings, which cepstrum needs,", root.PathOf("log"), root.Get("log"));
  if (spec.mel && spec.mel->f_max_hz > spec.sample_rate_hz / 2.0) {
    ThrowUnexpected("at most half of sampleRateHz", root.PathOf("mel"), root.Get("mel"));
  }
  if (spec.mel && spec.mel->f_min_hz >= spec.mel->f_max_hz) {
    ThrowUnexpected("fMinHz below fMaxHz", root.PathOf("mel"), root.Get("mel"));
  }
  if (spec.cepstrum && spec.cepstrum->coefficients > spec.mel->bands) {
    ThrowUnexpected("at most as many coefficients as mel.bands", root.PathOf("cepstrum"),
                    root.Get("cepstrum"));
  }
  if (spec.cepstrum && spec.cepstrum->c0 == FirstCepstrum::kOmit && spec.cepstrum->coefficients < 2) {
    ThrowUnexpected("at least 2 coefficients when c0 is omitted", root.PathOf("cepstrum"),
                    root.Get("cepstrum"));
  }
  if (spec.log && spec.log->kind != LogKind::kDb &&
      std::holds_alternative<ReferenceMax>(spec.log->reference)) {
    ThrowUnexpected("no reference max unless kind is \"db\"", root.PathOf("log"), root.Get("log"));
  }
  if (spec.sequence && !spec.statistics.empty()) {
    ThrowUnexpected("null when there are statistics", root.PathOf("sequence"), root.Get("sequence"));
  }
}

// A feature is a stage of the chain that has no settings.
template <typename Feature, typename Settings>
void CheckStage(const FrontEndSpec& spec, const std::optional<Settings>& settings, const char* key,
                Group& root) {
  const bool listed = std::any_of(spec.features.begin(), spec.features.end(), [](const FeatureSpec& feature) {
    return std::holds_alternative<Feature>(feature);
  });
  if (!listed || settings) return;
  ThrowUnexpected(std::string(key) + " settings, which features need,", root.PathOf(key), root.Get(key));
}

// What the kernels of the features count on.
void CheckFeatures(const FrontEndSpec& spec, Group& root) {
  CheckStage<MelFeature>(spec, spec.mel, "mel", root);
  CheckStage<LogFeature>(spec, spec.log, "log", root);
  CheckStage<CepstrumFeature>(spec, spec.cepstrum, "cepstrum", root);
  if (spec.spectrum.descriptor_fft_size.value_or(spec.frame.fft_size) < spec.frame.length_samples) {
    ThrowUnexpected("a descriptorFftSize of at least frame.lengthSamples (" +
                        std::to_string(spec.frame.length_samples) + ")",
                    root.PathOf("spectrum"), root.Get("spectrum"));
  }
}

}  // namespace

void ThrowUnexpected(const std::string& what, const std::string& path, const Napi::Value& received) {
  std::string message = "Expected " + what + " for " + path + " but received ";
  message += received.IsUndefined() ? "nothing" : Shown(received) + " of type " + TypeName(received);
  throw Error(StatusCode::kUsage, message);
}

int64_t ParseInteger(const Napi::Value& value, const std::string& path, int64_t low, int64_t high) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (std::floor(number) != number || !std::isfinite(number)) ThrowUnexpected("an integer", path, value);
  if (number < static_cast<double>(low)) ThrowUnexpected("at least " + std::to_string(low), path, value);
  if (number > static_cast<double>(high)) ThrowUnexpected("at most " + std::to_string(high), path, value);
  return static_cast<int64_t>(number);
}

Napi::Float32Array ParseFloats(const Napi::Value& value, const std::string& path) {
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float32_array) {
    return value.As<Napi::Float32Array>();
  }
  throw Error(StatusCode::kUsage, "Expected a Float32Array for " + path);
}

void CheckRoom(const Napi::Float32Array& out, size_t values) {
  if (out.ElementLength() >= values) return;
  throw Error(StatusCode::kUsage, "Expected room for " + std::to_string(values) +
                                      " values for out but received " + std::to_string(out.ElementLength()));
}

FrontEndSpec ParseFrontEnd(const Napi::Value& value) {
  Group root(value, "frontEnd");
  FrontEndSpec spec;
  spec.sample_rate_hz = root.Integer("sampleRateHz", 1000, 768000);
  spec.samples = root.Required("samples", ParseSamples);
  spec.frame = root.Required("frame", ParseFrame);
  spec.spectrum = root.Required("spectrum", ParseSpectrum);
  spec.mel = root.Optional("mel", ParseMel);
  spec.log = root.Optional("log", ParseLog);
  spec.cepstrum = root.Optional("cepstrum", ParseCepstrum);
  spec.features = ParseFeatures(root.Get("features"), root.PathOf("features"));
  spec.cmvn = root.Optional("cmvn", ParseCmvn);
  spec.deltas = root.Optional("deltas", ParseDeltas);
  spec.statistics = ParseStatistics(root.Get("statistics"), root.PathOf("statistics"));
  spec.sequence = root.Optional("sequence", ParseSequence);
  root.Finish();
  CheckTogether(spec, root);
  CheckFeatures(spec, root);
  return spec;
}

}  // namespace undertone::napi
