// The names of statistics: mean, …, p25, p1-p99.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "core/front_end.h"

namespace undertone::napi {

// Throws kUsage for a name that is none, a percentile out of range, or one that stands twice.
std::vector<Statistic> ParseStatistics(const Napi::Value& value, const std::string& path);

}  // namespace undertone::napi
