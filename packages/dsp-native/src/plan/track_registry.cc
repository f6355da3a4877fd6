// ★ The features that are tracks, one line each.
#include "plan/chroma_track.h"
#include "plan/pitch_track.h"
#include "plan/track.h"

namespace undertone {
namespace {

struct MakeTrackOf {
  const FrontEndSpec& spec;
  const Backend& backend;

  std::unique_ptr<Track> operator()(const ChromaFeature& feature) const {
    return MakeChromaTrack(feature, spec, backend);
  }
  std::unique_ptr<Track> operator()(const ChromaCqtFeature&) const {
    return MakeConstantQTrack(ConstantQOutput::kChroma, spec, backend);
  }
  std::unique_ptr<Track> operator()(const TonnetzFeature&) const {
    return MakeConstantQTrack(ConstantQOutput::kTonnetz, spec, backend);
  }
  std::unique_ptr<Track> operator()(const PitchFeature& feature) const {
    return MakePitchTrack(feature, spec);
  }
  template <typename Feature>
  std::unique_ptr<Track> operator()(const Feature&) const {
    return nullptr;
  }
};

}  // namespace

std::unique_ptr<Track> MakeTrack(const FeatureSpec& feature, const FrontEndSpec& spec,
                                 const Backend& backend) {
  return std::visit(MakeTrackOf{spec, backend}, feature);
}

}  // namespace undertone
