// Spectral contrast of a whole utterance, from the decibels of its frames' peaks and valleys.
#pragma once

#include <cstddef>
#include <cstdint>

namespace undertone {

// decibels: a row a frame, `columns` peaks and as many valleys. out: rows of `columns` values, peak less
// valley, after peaks and valleys each are lifted to at most 80 dB below the utterance's largest
// (librosa.power_to_db).
void FinishContrast(const float* decibels, size_t decibel_stride, int64_t frames, size_t columns, float* rows,
                    size_t stride);

}  // namespace undertone
