// A vector of samples whose new elements hold whatever the memory held: for buffers that are about to be
// filled, which zeroing first would cost a pass.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace undertone {

template <typename T>
struct UnfilledAllocator : std::allocator<T> {
  template <typename U>
  struct rebind {
    using other = UnfilledAllocator<U>;
  };

  template <typename U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
};

using Samples = std::vector<float, UnfilledAllocator<float>>;

// What insert would do one sample at a time.
inline void Append(const float* from, size_t count, Samples* to) {
  const size_t before = to->size();
  to->resize(before + count);
  if (count > 0) std::memcpy(to->data() + before, from, count * sizeof(float));
}

}  // namespace undertone
