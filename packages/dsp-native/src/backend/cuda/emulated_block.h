// A block of CUDA threads on the host, one thread after the other. It is stricter than a device: every step
// runs its threads in another order, memory that was never written may not be read, and no thread may touch
// in one step what another one writes in it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace undertone::cuda {

class EmulatedBlock {
 public:
  // `seed` decides the order of the threads.
  EmulatedBlock(int lanes, int workers, size_t floats, uint32_t seed)
      : lanes_(lanes),
        workers_(workers),
        memory_(std::make_unique<float[]>(floats)),
        words_(floats),
        order_(static_cast<size_t>(lanes) * static_cast<size_t>(workers)),
        random_(seed) {
    std::fill_n(memory_.get(), floats, std::numeric_limits<float>::signaling_NaN());
    std::iota(order_.begin(), order_.end(), 0);
    current_ = this;
  }
  ~EmulatedBlock() { current_ = nullptr; }
  EmulatedBlock(const EmulatedBlock&) = delete;
  EmulatedBlock& operator=(const EmulatedBlock&) = delete;

  static EmulatedBlock& Current() { return *current_; }

  float* memory() { return memory_.get(); }
  int lane() const { return thread_ % lanes_; }
  int lanes() const { return lanes_; }
  int worker() const { return thread_ / lanes_; }
  int workers() const { return workers_; }
  // What went wrong first; empty when nothing did.
  const std::string& fault() const { return fault_; }

  template <typename Work>
  void Step(const Work& work) {
    ++step_;
    std::shuffle(order_.begin(), order_.end(), random_);
    for (const int thread : order_) {
      thread_ = thread;
      work();
    }
    // Between steps nobody is any thread.
    thread_ = 0;
  }

  float Load(const float* at) {
    Word* word = Find(at, "a read");
    if (word == nullptr) return 0;
    if (word->written == 0) Fail("a read of memory that nobody wrote", at);
    if (word->written == step_ && word->writer != thread_) Fail("a read of what another thread writes", at);
    word->reader = word->read == step_ && word->reader != thread_ ? kSeveral : thread_;
    word->read = step_;
    return *at;
  }

  void Store(float value, float* at) {
    Word* word = Find(at, "a write");
    if (word == nullptr) return;
    if (word->written == step_ && word->writer != thread_) Fail("two threads write", at);
    if (word->read == step_ && word->reader != thread_) Fail("a write of what another thread reads", at);
    word->writer = thread_;
    word->written = step_;
    *at = value;
  }

 private:
  static constexpr int kSeveral = -1;
  // The last step that wrote and that read a float, and the thread that did.
  struct Word {
    int written = 0;
    int writer = 0;
    int read = 0;
    int reader = 0;
  };

  Word* Find(const float* at, const char* what) {
    const auto index = static_cast<size_t>(at - memory_.get());
    if (at >= memory_.get() && index < words_.size()) return &words_[index];
    Fail((std::string(what) + " outside the shared memory").c_str(), at);
    return nullptr;
  }

  void Fail(const char* what, const float* at) {
    if (!fault_.empty()) return;
    char text[150];
    std::snprintf(text, sizeof text, "step %d, worker %d, lane %d, float %lld: %s", step_, worker(), lane(),
                  static_cast<long long>(at - memory_.get()), what);
    fault_ = text;
  }

  static inline thread_local EmulatedBlock* current_ = nullptr;

  const int lanes_;
  const int workers_;
  const std::unique_ptr<float[]> memory_;
  std::vector<Word> words_;
  std::vector<int> order_;
  std::minstd_rand random_;
  int thread_ = 0;
  int step_ = 0;
  std::string fault_;
};

}  // namespace undertone::cuda
