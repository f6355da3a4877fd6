#include "napi/features.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "core/status.h"
#include "napi/handle.h"
#include "napi/parse.h"
#include "napi/status.h"
#include "plan/plan.h"

namespace undertone::napi {

// JS owns a share of the plan; a call that runs on another thread holds one too.
using SharedPlan = std::shared_ptr<const Plan>;

template <>
struct HandleTraits<SharedPlan> {
  static constexpr napi_type_tag kTag = {0x6c1f5e0a9d0b4b7e, 0x8f3a71c2d4e65b90};
  static constexpr const char* kName = "plan";
};

namespace {

constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

// Utterance borders: ascending, from 0 to the number of samples.
std::vector<int64_t> ParseOffsets(const Napi::Value& value, size_t samples) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
    throw Error(StatusCode::kUsage, "Expected a Float64Array for offsets");
  }
  const auto array = value.As<Napi::Float64Array>();
  const auto end = static_cast<double>(samples);
  std::vector<int64_t> offsets;
  double previous = 0;
  for (size_t i = 0; i < array.ElementLength(); ++i) {
    const double offset = array[i];
    // Written so that NaN fails it.
    if (!(offset >= previous && offset <= end &&
          offset == static_cast<double>(static_cast<int64_t>(offset)))) {
      ThrowUnexpected("ascending integers from 0 to samples.length (" + std::to_string(samples) + ")",
                      "offsets." + std::to_string(i), Napi::Number::New(value.Env(), offset));
    }
    offsets.push_back(static_cast<int64_t>(offset));
    previous = offset;
  }
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != static_cast<int64_t>(samples)) {
    throw Error(StatusCode::kUsage, "Expected a first entry of 0 and a last one of samples.length (" +
                                        std::to_string(samples) + ") for offsets");
  }
  return offsets;
}

// The first `values` of `out`, or a new array where it is undefined.
Napi::Float32Array RoomFor(Napi::Env env, size_t values, const Napi::Value& out) {
  if (out.IsUndefined()) return Napi::Float32Array::New(env, values);
  const Napi::Float32Array room = ParseFloats(out, "out");
  CheckRoom(room, values);
  return Napi::Float32Array::New(env, values, room.ArrayBuffer(), room.ByteOffset());
}

// The arguments of extract and the arrays that it fills. Plain ArrayBuffers: memory of our own could not be
// transferred between threads.
struct ExtractCall {
  SharedPlan plan;
  Napi::Float32Array samples;
  std::vector<int64_t> offsets;
  Napi::Float32Array features;
  Napi::Float64Array frame_offsets;

  // `out`: room for the features, or undefined for a new array.
  ExtractCall(const Napi::CallbackInfo& info, const Napi::Value& out)
      : plan(UnwrapHandle<SharedPlan>(info[0])),
        samples(ParseFloats(info[1], "samples")),
        offsets(ParseOffsets(info[2], samples.ElementLength())) {
    const std::vector<int64_t> rows = plan->RowOffsets(samples.Data(), offsets);
    features = RoomFor(info.Env(), static_cast<size_t>(rows.back()) * plan->columns(), out);
    frame_offsets = Napi::Float64Array::New(info.Env(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) frame_offsets[i] = static_cast<double>(rows[i]);
  }

  Napi::Object Result(Napi::Env env) const {
    Napi::Object result = Napi::Object::New(env);
    result.Set("features", features);
    result.Set("frameOffsets", frame_offsets);
    return result;
  }
};

// Runs on a libuv thread. The references keep the buffers alive and in place until the work ends.
class ExtractWorker : public Napi::AsyncWorker {
 public:
  ExtractWorker(Napi::Env env, ExtractCall call)
      : Napi::AsyncWorker(env, "undertone.extract"),
        deferred_(Napi::Promise::Deferred::New(env)),
        plan_(std::move(call.plan)),
        offsets_(std::move(call.offsets)),
        in_(call.samples.Data()),
        out_(call.features.Data()),
        samples_(Napi::Persistent(call.samples)),
        result_(Napi::Persistent(call.Result(env))) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      plan_->Extract(in_, offsets_, out_);
    } catch (const Error& error) {
      code_ = error.code();
      throw;
    } catch (const std::bad_alloc&) {
      code_ = StatusCode::kOutOfMemory;
      throw;
    }
  }

  void OnOK() override { deferred_.Resolve(result_.Value()); }
  void OnError(const Napi::Error& error) override {
    deferred_.Reject(ToJsError(Env(), code_, error.Message()).Value());
  }

 private:
  const Napi::Promise::Deferred deferred_;
  const SharedPlan plan_;
  const std::vector<int64_t> offsets_;
  const float* const in_;
  float* const out_;
  const Napi::Reference<Napi::Float32Array> samples_;
  const Napi::ObjectReference result_;
  StatusCode code_ = StatusCode::kInternal;
};

// {name, device, memoryBytes}, every key present as in the front-end.
BackendChoice ParseBackend(const Napi::Value& value) {
  if (!value.IsObject()) ThrowUnexpected("an object", "backend", value);
  const Napi::Object object = value.As<Napi::Object>();
  const Napi::Value name = object.Get("name");
  if (!name.IsString()) ThrowUnexpected("text", "backend.name", name);
  BackendChoice choice;
  choice.name = name.As<Napi::String>().Utf8Value();
  choice.device = static_cast<int>(ParseInteger(object.Get("device"), "backend.device", 0, 999));
  choice.memory_bytes = ParseInteger(object.Get("memoryBytes"), "backend.memoryBytes", 0, kMaxSafeInteger);
  return choice;
}

}  // namespace

Napi::Value CreatePlan(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&] {
    FrontEndSpec spec = ParseFrontEnd(info[0]);
    const BackendChoice choice = ParseBackend(info[1]);
    auto plan = std::make_shared<const Plan>(std::move(spec), GetBackend(choice));
    return WrapHandle(info.Env(), std::make_unique<SharedPlan>(std::move(plan)));
  });
}

Napi::Value PlanColumns(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(UnwrapHandle<SharedPlan>(info[0])->columns()));
  });
}

Napi::Value PlanWork(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const std::optional<FrameWork> work = UnwrapHandle<SharedPlan>(info[0])->Work();
    if (!work) return info.Env().Null();
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("operations", work->operations);
    result.Set("bytes", work->bytes);
    return result;
  });
}

Napi::Value Extract(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    ExtractCall call(info, info[3]);
    call.plan->Extract(call.samples.Data(), call.offsets, call.features.Data());
    return call.Result(info.Env());
  });
}

Napi::Value ExtractAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    auto worker = std::make_unique<ExtractWorker>(info.Env(), ExtractCall(info, info.Env().Undefined()));
    const Napi::Promise promise = worker->Promise();
    worker->Queue();
    worker.release();  // it deletes itself when done
    return promise;
  });
}

Napi::Value ExtractSpan(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const SharedPlan plan = UnwrapHandle<SharedPlan>(info[0]);
    const Napi::Float32Array span = ParseFloats(info[1], "span");
    SpanRequest request;
    request.samples = span.Data();
    request.begin = ParseInteger(info[2], "spanStart", 0, int64_t{1} << 52);
    request.count = static_cast<int64_t>(span.ElementLength());
    const int64_t total = ParseInteger(info[3], "totalSamples", -1, int64_t{1} << 53);
    request.total = total < 0 ? kUnknownTotal : total;
    request.first_frame = ParseInteger(info[4], "firstFrame", 0, kMaxSafeInteger);
    request.frames = ParseInteger(info[5], "frames", 0, kMaxSafeInteger);
    plan->CheckSpan(request);
    auto rows = Napi::Float32Array::New(info.Env(), static_cast<size_t>(request.frames) * plan->columns());
    plan->ExtractSpan(request, rows.Data());
    return rows;
  });
}

}  // namespace undertone::napi
