#include "napi/parse_statistics.h"

#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "napi/parse.h"

namespace undertone::napi {
namespace {

const std::map<std::string, Statistic>& NamedStatistics() {
  static const std::map<std::string, Statistic> named{
      {"mean", {StatisticKind::kMean}},         {"median", {StatisticKind::kPercentile, 50}},
      {"std", {StatisticKind::kStd}},           {"variance", {StatisticKind::kVariance}},
      {"skewness", {StatisticKind::kSkewness}}, {"kurtosis", {StatisticKind::kKurtosis}},
      {"min", {StatisticKind::kMin}},           {"max", {StatisticKind::kMax}},
      {"range", {StatisticKind::kRange}},       {"first", {StatisticKind::kFirst}},
      {"last", {StatisticKind::kLast}},         {"slope", {StatisticKind::kSlope}},
  };
  return named;
}

// "p" and a number from 0 to 100.
std::optional<double> ParsePercentile(std::string_view text) {
  if (text.size() < 2 || text[0] != 'p') return std::nullopt;
  double percent = -1;
  const auto [rest, error] =
      std::from_chars(text.data() + 1, text.data() + text.size(), percent, std::chars_format::fixed);
  const bool whole = error == std::errc() && rest == text.data() + text.size();
  return whole && percent >= 0 && percent <= 100 ? std::optional(percent) : std::nullopt;
}

std::optional<Statistic> ParseStatistic(const std::string& text) {
  const auto named = NamedStatistics().find(text);
  if (named != NamedStatistics().end()) return named->second;
  const size_t dash = text.find("-p");
  const auto low = ParsePercentile(std::string_view(text).substr(0, dash));
  if (!low) return std::nullopt;
  if (dash == std::string::npos) return Statistic{StatisticKind::kPercentile, *low};
  const auto high = ParsePercentile(std::string_view(text).substr(dash + 1));
  if (!high || *high <= *low) return std::nullopt;
  return Statistic{StatisticKind::kPercentileRange, *low, *high};
}

}  // namespace

std::vector<Statistic> ParseStatistics(const Napi::Value& value, const std::string& path) {
  if (!value.IsArray()) ThrowUnexpected("an array", path, value);
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<Statistic> statistics;
  std::set<std::string> names;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value entry = array[i];
    const std::string name = entry.IsString() ? entry.As<Napi::String>().Utf8Value() : "";
    const auto statistic = ParseStatistic(name);
    if (!statistic) {
      ThrowUnexpected("the name of a statistic, p<q> or p<a>-p<b> with percentiles from 0 to 100",
                      path + "." + std::to_string(i), entry);
    }
    if (!names.insert(name).second) ThrowUnexpected("each statistic once", path, value);
    statistics.push_back(*statistic);
  }
  return statistics;
}

}  // namespace undertone::napi
