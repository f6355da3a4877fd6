// Tables that depend on the tuning, made when a recording first needs them.
#pragma once

#include <array>
#include <memory>
#include <mutex>

#include "signal/tuning.h"

namespace undertone {

// Any number of threads call it at once.
template <typename Table>
class PerTuning {
 public:
  // The table of a tuning's index; make() returns a unique_ptr to it.
  template <typename Make>
  const Table& Get(int index, const Make& make) const {
    const std::lock_guard lock(mutex_);
    auto& table = tables_[static_cast<size_t>(index)];
    if (!table) table = make();
    return *table;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::array<std::unique_ptr<const Table>, signal::kTunings> tables_;
};

}  // namespace undertone
