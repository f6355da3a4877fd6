// Functionals of feature tracks over time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/front_end.h"

namespace undertone {

// rows: [frames][columns], frames >= 1. out: [statistic][column]. Sums run in double; std is the
// population's.
void SummariseRows(const std::vector<Statistic>& statistics, const float* rows, int64_t frames,
                   size_t columns, float* out);

}  // namespace undertone
