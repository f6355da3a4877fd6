// ★ The features that are tracks, one line each.
#include <string>

#include "core/status.h"
#include "plan/pitch_track.h"
#include "plan/track.h"

namespace undertone {
namespace {

[[noreturn]] void Refuse(const char* kind) {
  throw Error(StatusCode::kUsage, "Expected a feature of this build for frontEnd.features but received \"" +
                                      std::string(kind) + "\" of type string: it is not in this build yet");
}

struct MakeTrackOf {
  const FrontEndSpec& spec;

  std::unique_ptr<Track> operator()(const ChromaFeature&) const { Refuse("chroma"); }
  std::unique_ptr<Track> operator()(const ChromaCqtFeature&) const { Refuse("chroma-cqt"); }
  std::unique_ptr<Track> operator()(const TonnetzFeature&) const { Refuse("tonnetz"); }
  std::unique_ptr<Track> operator()(const PitchFeature& feature) const {
    return MakePitchTrack(feature, spec);
  }
  template <typename Feature>
  std::unique_ptr<Track> operator()(const Feature&) const {
    return nullptr;
  }
};

}  // namespace

std::unique_ptr<Track> MakeTrack(const FeatureSpec& feature, const FrontEndSpec& spec) {
  return std::visit(MakeTrackOf{spec}, feature);
}

}  // namespace undertone
