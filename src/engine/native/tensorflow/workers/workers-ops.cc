// QpruneJoinWorkers, QpruneAbsentWorkers, QpruneStartSum and QpruneFinishSum: sums over the processes that train together;
// see src/engine/workers/join-workers.ts.
#include <algorithm>
#include <cstring>
#include <string>

#include "../op-kit.h"
#include "reducer.h"

namespace qprune {
namespace {

// The reducer of this process. It is never destroyed, since its thread and TensorFlow's server run until the end.
Reducer* theReducer = nullptr;

std::vector<std::string> splitByComma(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t from = 0; from <= text.size();) {
    const size_t to = std::min(text.find(',', from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

struct JoinWorkers {
  explicit JoinWorkers(const Attributes& a)
      : cluster{splitByComma(a.text("addresses")), static_cast<int>(a.integer("index"))},
        patience(a.integer("patience_ms")) {}
  void compute(Run& run) const {
    theReducer = new Reducer(cluster, patience);
    *run.output(0, {1}) = static_cast<float>(cluster.addresses.size());
  }
  Cluster cluster;
  std::chrono::milliseconds patience;
};

struct AbsentWorkers {
  explicit AbsentWorkers(const Attributes& a) : answerMs(a.integer("answer_ms")) {}
  void compute(Run& run) const {
    const std::vector<int> absent = theReducer->absentWorkers(answerMs);
    float* to = run.output(0, {static_cast<int64_t>(absent.size())});
    for (const int index : absent) *to++ = static_cast<float>(index);
  }
  int64_t answerMs;
};

struct StartSum {
  explicit StartSum(const Attributes& a)
      : count(static_cast<int>(a.integer("count"))), slot(static_cast<int>(a.integer("slot"))) {}
  void compute(Run& run) const {
    const float factor = *run.input(count);
    Sum sum;
    int64_t size = 0;
    for (int i = 0; i < count; i++) {
      sum.shapes.push_back(run.shape(i));
      size += elementCount(sum.shapes.back());
    }
    sum.values = TF_AllocateTensor(TF_FLOAT, &size, 1, size * sizeof(float));
    if (sum.values == nullptr) throw std::bad_alloc();
    auto* to = static_cast<float*>(TF_TensorData(sum.values));
    for (int i = 0; i < count; i++) {
      const float* from = run.input(i);
      const int64_t length = elementCount(sum.shapes[i]);
      for (int64_t j = 0; j < length; j++) to[j] = from[j] * factor;
      to += length;
    }
    theReducer->start(slot, std::move(sum));
    *run.output(0, {1}) = 0;
  }
  int count, slot;
};

struct FinishSum {
  explicit FinishSum(const Attributes& a) : slot(static_cast<int>(a.integer("slot"))) {}
  void compute(Run& run) const {
    const Sum sum = theReducer->finish(slot);
    const auto* from = static_cast<const float*>(TF_TensorData(sum.values));
    for (size_t i = 0; i < sum.shapes.size(); i++) {
      const int64_t length = elementCount(sum.shapes[i]);
      std::memcpy(run.output(static_cast<int>(i), sum.shapes[i]), from, length * sizeof(float));
      from += length;
    }
    TF_DeleteTensor(sum.values);
  }
  int slot;
};

const RegisterOp<JoinWorkers> joinOp("QpruneJoinWorkers", {}, {"workers: float"},
                                     {"addresses: string", "index: int", "patience_ms: int"});
const RegisterOp<AbsentWorkers> absentOp("QpruneAbsentWorkers", {}, {"indices: float"}, {"answer_ms: int"});
const RegisterOp<StartSum> startOp("QpruneStartSum", {"parts: count * float", "factor: float"},
                                   {"started: float"}, {"count: int >= 1", "slot: int"});
const RegisterOp<FinishSum> finishOp("QpruneFinishSum", {}, {"sums: count * float"},
                                     {"count: int >= 1", "slot: int"});

}  // namespace
}  // namespace qprune
