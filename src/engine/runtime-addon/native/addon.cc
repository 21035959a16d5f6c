// The addon that src/runtime/native loads: kernels on the memory of a plan, without TensorFlow.
#include <node_api.h>

#include <cstdlib>
#include <cstring>

#include "../../native/kernels/threads/thread-pool.h"
#include "structures.h"

namespace {

using namespace qprune;

struct InstructionSet {
  const char* name;
  const PlanKernels* (*kernels)();
};
// The best first.
constexpr InstructionSet kInstructionSets[] = {{"avx512", kernelsAvx512},
                                               {"vnni256", kernelsVnni256},
                                               {"avxvnni", kernelsAvxVnni},
                                               {"avx2", kernelsAvx2},
                                               {"plain", kernelsPlain}};

// The best kernels that the processor runs; QPRUNE_RUNTIME_ISA names the best to be taken, for comparisons.
const PlanKernels& chosen() {
  static const PlanKernels* const kernels = [] {
    const char* limit = std::getenv("QPRUNE_RUNTIME_ISA");
    bool isAllowed = limit == nullptr;
    for (const auto& [name, kernelsOf] : kInstructionSets) {
      isAllowed = isAllowed || std::strcmp(limit, name) == 0;
      const PlanKernels* found = isAllowed ? kernelsOf() : nullptr;
      if (found != nullptr) return found;
    }
    return kernelsPlain();
  }();
  return *kernels;
}

constexpr size_t kMostArguments = 7;

// The arguments of a call: the memory, then numbers.
struct Call {
  Call(napi_env env, napi_callback_info info) {
    size_t count = kMostArguments;
    napi_value values[kMostArguments];
    napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
    size_t bytes = 0;
    void* start = nullptr;
    napi_get_arraybuffer_info(env, values[0], &start, &bytes);
    memory = {static_cast<uint8_t*>(start)};
    for (size_t i = 1; i < count; i++) napi_get_value_int32(env, values[i], &numbers[i - 1]);
  }
  template <class T>
  T* at(int index) const {
    return memory.at<T>(numbers[index]);
  }
  Memory memory{nullptr};
  int32_t numbers[kMostArguments] = {};
};

napi_value convolve(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  chosen().convolve(call.memory, *call.at<Conv>(0));
  return nullptr;
}

napi_value convolveDepthwise(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  chosen().convolveDepthwise(call.memory, *call.at<Conv>(0));
  return nullptr;
}

napi_value packInput(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  chosen().packInput(call.memory, *call.at<Conv>(0));
  return nullptr;
}

napi_value finishValues(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  chosen().finishValues(call.memory, *call.at<Tail>(0), call.at<float>(1), call.at<uint8_t>(2), call.numbers[3]);
  return nullptr;
}

napi_value poolCodes(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  chosen().poolCodes(call.memory, *call.at<Window>(0), call.numbers[1] != 0);
  return nullptr;
}

napi_value poolFloats(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  chosen().poolFloats(call.memory, *call.at<Window>(0));
  return nullptr;
}

napi_value sumShorts(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  chosen().sumShorts(call.memory, *call.at<Window>(0));
  return nullptr;
}

napi_value addFloats(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const float* one = call.at<float>(0);
  const float* other = call.at<float>(1);
  float* to = call.at<float>(2);
  for (int32_t i = 0; i < call.numbers[3]; i++) to[i] = one[i] + other[i];
  return nullptr;
}

// Codes as what a table of 256 has for them.
template <class T>
napi_value lookUpIn(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const uint8_t* codes = call.at<uint8_t>(0);
  const T* table = call.at<T>(1);
  T* to = call.at<T>(2);
  for (int32_t i = 0; i < call.numbers[3]; i++) to[i] = table[codes[i]];
  return nullptr;
}

napi_value quantizeValues(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  chosen().quantizeValues(call.at<float>(0), call.at<float>(1), call.at<uint8_t>(2), call.numbers[3]);
  return nullptr;
}

napi_value joinCodes(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const uint8_t* one = call.at<uint8_t>(0);
  const uint8_t* other = call.at<uint8_t>(1);
  const uint8_t* table = call.at<uint8_t>(2);
  uint8_t* to = call.at<uint8_t>(3);
  for (int32_t i = 0; i < call.numbers[4]; i++) to[i] = table[one[i] << 8 | other[i]];
  return nullptr;
}

napi_value prelu(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const float* x = call.at<float>(0);
  const float* slopes = call.at<float>(1);
  float* y = call.at<float>(2);
  const int32_t channels = call.numbers[3];
  for (int32_t position = 0; position < call.numbers[4]; position++, x += channels, y += channels)
    for (int32_t c = 0; c < channels; c++) y[c] = x[c] > 0 ? x[c] : x[c] * slopes[c];
  return nullptr;
}

napi_value copyChannels(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const uint8_t* from = call.at<uint8_t>(0);
  uint8_t* to = call.at<uint8_t>(2);
  for (int32_t position = 0; position < call.numbers[5]; position++, from += call.numbers[1], to += call.numbers[3])
    std::memcpy(to, from, static_cast<size_t>(call.numbers[4]));
  return nullptr;
}

// As src/runtime/kernels/kernel-target.ts calls them.
const char* nameOf(ByteProducts products) {
  switch (products) {
    case ByteProducts::kEightBits: return "eight bits";
    case ByteProducts::kPairsOf16Bits: return "pairs of 16 bits";
    default: return "none";
  }
}

void setText(napi_env env, napi_value object, const char* name, const char* text) {
  napi_value value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, name, value);
}

napi_value init(napi_env env, napi_value exports) {
  const napi_property_attributes shown = napi_default;
  const napi_property_descriptor functions[] = {
      {"convolve", nullptr, convolve, nullptr, nullptr, nullptr, shown, nullptr},
      {"convolveDepthwise", nullptr, convolveDepthwise, nullptr, nullptr, nullptr, shown, nullptr},
      {"packInput", nullptr, packInput, nullptr, nullptr, nullptr, shown, nullptr},
      {"finishValues", nullptr, finishValues, nullptr, nullptr, nullptr, shown, nullptr},
      {"poolCodes", nullptr, poolCodes, nullptr, nullptr, nullptr, shown, nullptr},
      {"poolFloats", nullptr, poolFloats, nullptr, nullptr, nullptr, shown, nullptr},
      {"sumShorts", nullptr, sumShorts, nullptr, nullptr, nullptr, shown, nullptr},
      {"addFloats", nullptr, addFloats, nullptr, nullptr, nullptr, shown, nullptr},
      {"lookUp", nullptr, lookUpIn<float>, nullptr, nullptr, nullptr, shown, nullptr},
      {"prelu", nullptr, prelu, nullptr, nullptr, nullptr, shown, nullptr},
      {"quantizeValues", nullptr, quantizeValues, nullptr, nullptr, nullptr, shown, nullptr},
      {"mapCodes", nullptr, lookUpIn<uint8_t>, nullptr, nullptr, nullptr, shown, nullptr},
      {"joinCodes", nullptr, joinCodes, nullptr, nullptr, nullptr, shown, nullptr},
      {"copyChannels", nullptr, copyChannels, nullptr, nullptr, nullptr, shown, nullptr},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
  setText(env, exports, "instructions", chosen().instructions);
  setText(env, exports, "byteProducts", nameOf(chosen().byteProducts));
  setText(env, exports, "signProducts", chosen().looksUpSigns ? "look-ups" : "counts");
  napi_value threads;
  napi_create_int32(env, threadPool().threads(), &threads);
  napi_set_named_property(env, exports, "threads", threads);
  return exports;
}

}  // namespace

NAPI_MODULE(NODE_GYP_MODULE_NAME, init)
