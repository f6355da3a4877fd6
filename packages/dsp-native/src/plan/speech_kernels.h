// The pass over every log-mel row that detection of speech makes, vectorised once an instruction set.
#pragma once

#include <cstddef>

namespace undertone {

// Σ exp(values[i] · scale + offsets[i])
float SumOfExponentials(const float* values, const float* offsets, size_t count, float scale);

}  // namespace undertone
