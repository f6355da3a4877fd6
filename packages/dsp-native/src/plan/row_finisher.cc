#include "plan/row_finisher.h"

#include <algorithm>
#include <limits>
#include <variant>

#include "plan/contrast.h"
#include "plan/normalise.h"

namespace undertone {
namespace {

std::optional<LogSpec> PeakLog(const FrontEndSpec& spec) {
  if (spec.log && NeedsUtterancePeak(*spec.log)) return spec.log;
  return std::nullopt;
}

// Copies `columns` values a row.
void CopyColumns(const float* from, size_t from_stride, int64_t frames, size_t columns, float* to,
                 size_t to_stride) {
  for (int64_t t = 0; t < frames; ++t) {
    std::copy_n(from + static_cast<size_t>(t) * from_stride, columns,
                to + static_cast<size_t>(t) * to_stride);
  }
}

}  // namespace

RowFinisher::RowFinisher(const FrontEndSpec& spec, std::shared_ptr<const FrameRecipe> recipe,
                         const FrameProgram& program, const Backend& backend)
    : recipe_(std::move(recipe)), program_(program), peak_log_(PeakLog(spec)) {
  direct_ = !peak_log_;
  for (const RowPart& part : recipe_->parts) {
    tracks_.push_back(MakeTrack(part.feature, spec, backend));
    direct_ = direct_ && part.raw_column == part.column && part.raw_columns == part.columns;
  }
}

bool RowFinisher::needs_whole_utterance() const {
  return peak_log_.has_value() ||
         std::any_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track != nullptr; }) ||
         std::any_of(recipe_->parts.begin(), recipe_->parts.end(), [](const RowPart& part) {
           return std::holds_alternative<ContrastFeature>(part.feature);
         });
}

void RowFinisher::Finish(const SignalView& signal, int64_t frames, const Tunings& tunings, float* raw_rows,
                         float* rows, size_t stride) const {
  if (peak_log_ && recipe_->log_column != kAbsent) ApplyPeak(frames, raw_rows);
  Samples samples;
  for (size_t i = 0; i < recipe_->parts.size(); ++i) {
    const RowPart& part = recipe_->parts[i];
    if (!tracks_[i]) {
      FinishPart(part, frames, raw_rows, rows, stride);
      continue;
    }
    if (samples.empty()) samples = ConditionedSamples(signal);
    tracks_[i]->Run({samples, frames, tunings}, rows + part.column, stride);
  }
}

void RowFinisher::FinishPart(const RowPart& part, int64_t frames, const float* raw_rows, float* rows,
                             size_t stride) const {
  const size_t raw_stride = static_cast<size_t>(recipe_->raw_columns);
  const float* from = raw_rows + part.raw_column;
  if (recipe_->cepstra_deferred && std::holds_alternative<CepstrumFeature>(part.feature)) {
    program_.Cepstra(from, raw_stride, frames, rows + part.column, stride);
    return;
  }
  if (std::holds_alternative<ContrastFeature>(part.feature)) {
    FinishContrast(from, raw_stride, frames, static_cast<size_t>(part.columns), rows + part.column, stride);
    return;
  }
  CopyColumns(from, raw_stride, frames, static_cast<size_t>(part.columns), rows + part.column, stride);
}

// Relative to the utterance's maximum, and not further below it than topDb (librosa.power_to_db); then the
// settings' final sum and product.
void RowFinisher::ApplyPeak(int64_t frames, float* raw_rows) const {
  const size_t columns = static_cast<size_t>(recipe_->spectral_columns());
  const auto for_each_row = [&](auto&& visit) {
    for (int64_t t = 0; t < frames; ++t) visit(raw_rows + t * recipe_->raw_columns + recipe_->log_column);
  };
  float peak = -std::numeric_limits<float>::infinity();
  for_each_row([&](const float* row) { peak = std::max(peak, *std::max_element(row, row + columns)); });
  const float reference = std::holds_alternative<ReferenceMax>(peak_log_->reference) ? peak : 0;
  const LogTable& log = *recipe_->log;
  const float lowest = peak_log_->top_db
                           ? peak - reference - static_cast<float>(*peak_log_->top_db) * log.decibel
                           : -std::numeric_limits<float>::infinity();
  for_each_row([&](float* row) {
    for (size_t c = 0; c < columns; ++c) {
      row[c] = (std::max(row[c] - reference, lowest) + log.add) * log.multiply;
    }
  });
}

}  // namespace undertone
