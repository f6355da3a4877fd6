// Where speech is, from log-mel rows, as they come, in constant memory.
//
// Method: the long-term divergence of a frame from a noise floor, after Ramírez et al., "Efficient voice
// activity detection algorithms using long-term speech information", Speech Communication 42 (2004), with the
// floor by minimum statistics (Martin, IEEE Trans. Speech and Audio Processing 9, 2001) and a term for
// spectral flatness.
//
// 1. Neighbouring mel bands between about 150 and 3800 Hz make up groups; S[t][g] is the mean of the group's
//    logarithms over frames t − 1 … t + 1.
// 2. Time is cut into blocks on a fixed grid. A block's minimum in each group, taken over the blocks on the
// left
//    and on the right, gives two floors; the higher holds, so that a sound that sets in and stays is noise
//    from its first block on. A side with fewer blocks than `min_side_blocks` is no evidence; the lower floor
//    holds.
// 3. D[t] is the mean over the groups of what stands out of the floor, each group held to `cap`; what is more
// than
//    `range` below the frame's highest group does not count. A frame with a group that stands `peak` above
//    its floor has to be broad as well: `peak_threshold` holds instead of `threshold`. So one or a few tones,
//    however loud, are no speech, and neither is anything steady.
// 4. Frames with D above the threshold in runs of at least `min_run_frames` are speech; gaps up to
// `gap_frames` are
//    filled, and `lead_frames` and `hangover_frames` added.
//
// Local: a frame's result depends on the frames of its own block and of `side_blocks` + 1 blocks on each
// side, one frame more in front, and on nothing else. Sums never run across blocks, so a recording in pieces
// gives the same bits as in one go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace undertone {

struct SpeechSpec {
  int columns = 0;       // of a row
  int first_column = 0;  // of the lowest mel band
  int bands = 0;         // all mel bands, in order: the frame's power is their sum
  int high_band = 0;     // the first of those that a telephone does not pass, or `bands`
  float log_scale = 1;   // value · log_scale = natural logarithm of power
  // Per band: added to the natural logarithm, so that the bands' powers add up to the frame's.
  std::vector<float> band_offsets;
  std::vector<int> group_edges;  // groups + 1 bands, ascending
  int block_frames = 0;
  int side_blocks = 0;
  int min_side_blocks = 0;
  // Natural logarithms of power.
  float floor_bias = 0;        // from the minimum to the mean of noise, in a group
  float power_floor_bias = 0;  // the same for the frame's power
  float cap = 0;
  float range = 0;
  float threshold = 0;
  float peak = 0;            // a frame with a group this far above the floor
  float peak_threshold = 0;  // has to have this D
  int min_run_frames = 0;
  int gap_frames = 0;
  int lead_frames = 0;
  int hangover_frames = 0;
  int64_t first_block = 0;  // of the recording, that the first row pushed begins
};

// Decided frames, in order.
struct SpeechFrames {
  std::vector<uint8_t> speech;  // 0 or 1
  std::vector<float> power;     // of the frame, in the front-end's units
  std::vector<float> noise;     // of the noise in it
  std::vector<float> high;      // of its high bands
};

class SpeechDetector {
 public:
  // Throws kUsage for a spec that makes no sense.
  explicit SpeechDetector(const SpeechSpec& spec);

  // Takes the next rows, and appends the frames that are now decided.
  void Push(const float* rows, size_t frames, SpeechFrames* decided);

  // Ends the recording and appends the frames that are left.
  void End(SpeechFrames* decided);

  int columns() const { return spec_.columns; }

  // Frames taken before the decision on a frame is sure to be out.
  int64_t lookahead_frames() const {
    return static_cast<int64_t>(spec_.side_blocks + 2) * spec_.block_frames + 1;
  }

 private:
  // Values of a frame: the groups' means, then the logarithm of its power.
  struct Block {
    std::vector<float> smooth;  // frames × width
    std::vector<float> power;
    std::vector<float> high;
    std::vector<float> minima;   // width
    std::vector<uint8_t> above;  // D above the threshold
    float noise = 0;
  };

  struct Powers {
    float all = 0;
    float high = 0;
  };

  Powers Measure(const float* row, float* values) const;
  void Smooth(const float* before, const float* at, const float* after, Powers powers);
  void CloseBlock();
  void Advance(bool ended, SpeechFrames* decided);
  void FindNoise(size_t block, bool ended, std::vector<float>* floor) const;
  void Diverge(const std::vector<float>& floor, Block* block) const;
  void Decide(size_t block, SpeechFrames* decided) const;

  SpeechSpec spec_;
  size_t groups_;
  size_t width_;  // groups + 1
  // The last three frames measured: the middle one is smoothed when its follower is there.
  std::vector<float> last_[3];
  Powers last_powers_[3];
  int64_t measured_ = 0;
  Block open_;
  std::deque<Block> blocks_;  // closed, still needed
  int64_t first_block_;       // index of blocks_[0]
  int64_t next_diverged_;     // first block without `above`
  int64_t next_decided_;      // first block not handed out
};

}  // namespace undertone
