// The collective ops run in a context of their own, so that the names of the devices of the main one stay as they are.
#include "reducer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "../op-kit.h"
#include "tensorflow/c/c_api_experimental.h"

namespace qprune {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kGroup = 1;
// Keys of exchanged values start here; those of gathered ones are beyond any number of values of a sum.
constexpr int32_t kSumKey = 0, kGatherKey = 1 << 30;
constexpr milliseconds kBetweenLooks{2000};
constexpr int64_t kAnswerMs = 5000;
// After an error the worker that caused it is gone, and the others answer at once.
constexpr int64_t kAnswerAfterErrorMs = 2000;

struct Status {
  TF_Status* s = TF_NewStatus();
  ~Status() { TF_DeleteStatus(s); }
  bool isOk() const { return TF_GetCode(s) == TF_OK; }
  std::string message() const { return TF_Message(s); }
};

std::string joined(const std::vector<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

// TensorFlow and gRPC log the start of a server at every log level, and its failure in several lines that the status repeats.
class SilentErrors {
 public:
  SilentErrors() : kept_(dup(STDERR_FILENO)) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
  }
  ~SilentErrors() {
    dup2(kept_, STDERR_FILENO);
    close(kept_);
  }

 private:
  const int kept_;
};

TFE_Context* createContext(const Cluster& cluster) {
  Status status;
  TFE_ContextOptions* options = TFE_NewContextOptions();
  const std::string config = sessionConfiguration();
  TFE_ContextOptionsSetConfig(options, config.data(), config.size(), status.s);
  TFE_Context* context = status.isOk() ? TFE_NewContext(options, status.s) : nullptr;
  TFE_DeleteContextOptions(options);
  if (!status.isOk()) throw WorkerFailure("server", status.message());
  const std::string server = serverDefinition(cluster);
  const SilentErrors silence;
  TFE_EnableCollectiveOps(context, server.data(), server.size(), status.s);
  if (!status.isOk()) throw WorkerFailure("server", status.message());
  return context;
}

TFE_TensorHandle* scalar(int32_t value) {
  Status status;
  return TFE_NewTensorHandleFromScalar(TF_INT32, &value, sizeof value, status.s);
}

// A sum of the rows of a tensor [rows, columns], from the first to the last.
TF_Tensor* sumOfRows(TF_Tensor* values, int64_t rows, int64_t columns) {
  TF_Tensor* sum = TF_AllocateTensor(TF_FLOAT, &columns, 1, columns * sizeof(float));
  const auto* from = static_cast<const float*>(TF_TensorData(values));
  auto* to = static_cast<float*>(TF_TensorData(sum));
  std::copy(from, from + columns, to);
  for (int64_t row = 1; row < rows; row++)
    for (int64_t i = 0; i < columns; i++) to[i] += from[row * columns + i];
  return sum;
}

// A copy whose first values are those of `values`, as a tensor of this shape; zeros follow.
TF_Tensor* reshaped(TF_Tensor* values, const std::vector<int64_t>& shape) {
  const int64_t size = elementCount(shape), kept = std::min(size, TF_TensorElementCount(values));
  TF_Tensor* copy = TF_AllocateTensor(TF_FLOAT, shape.data(), static_cast<int>(shape.size()), size * sizeof(float));
  const auto* from = static_cast<const float*>(TF_TensorData(values));
  auto* to = static_cast<float*>(TF_TensorData(copy));
  std::copy(from, from + kept, to);
  std::fill(to + kept, to + size, 0.0f);
  return copy;
}

}  // namespace

Reducer::Reducer(const Cluster& cluster, milliseconds patience)
    : cluster_(cluster), patience_(patience), context_(createContext(cluster)) {
  // It never ends: the reducer lives as long as the process.
  std::thread([this] { work(); }).detach();
}

std::vector<int> Reducer::absentWorkers(int64_t answerMs) {
  std::vector<int> asked, absent;
  for (int index = 0; index < static_cast<int>(cluster_.addresses.size()); index++)
    if (index != cluster_.index) asked.push_back(index);
  std::vector<char> answers(asked.size(), 0);
  std::vector<std::thread> callers;
  for (size_t at = 0; at < asked.size(); at++) {
    callers.emplace_back([this, at, answerMs, &asked, &answers] {
      Status status;
      TFE_CollectiveOpsCheckPeerHealth(context_, taskName(asked[at]).c_str(), answerMs, status.s);
      answers[at] = status.isOk();
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (size_t at = 0; at < asked.size(); at++)
    if (!answers[at]) absent.push_back(asked[at]);
  return absent;
}

void Reducer::start(int slot, Sum parts) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Job job;
  job.sum = std::move(parts);
  jobs_[slot] = std::move(job);
  queue_.push_back(slot);
  changed_.notify_all();
}

void Reducer::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !queue_.empty(); });
    const int slot = queue_.front();
    queue_.pop_front();
    TF_Tensor* values = jobs_[slot].sum.values;
    std::string error;
    lock.unlock();
    TF_Tensor* reduced = reduce(values, error);
    TF_DeleteTensor(values);
    lock.lock();
    Job& job = jobs_[slot];
    job.sum.values = reduced;
    job.error = error;
    job.isDone = true;
    changed_.notify_all();
  }
}

// TensorFlow's sum goes around a ring, which adds every part of the values in another order; two numbers have only one.
// With more workers, each gets its part of all workers' values, adds them in the order of the workers, as a process that
// accumulates their batches does, and the sums are gathered. The same number of bytes is sent.
TF_Tensor* Reducer::reduce(TF_Tensor* values, std::string& error) {
  const auto workers = static_cast<int64_t>(cluster_.addresses.size());
  if (workers <= 2) return collect("CollectiveReduceV2", values, kSumKey, error);
  const int64_t size = TF_TensorElementCount(values), part = (size + workers - 1) / workers;
  TF_Tensor* parts = reshaped(values, {workers, part});
  TF_Tensor* exchanged = collect("CollectiveAllToAllV2", parts, kSumKey, error);
  TF_DeleteTensor(parts);
  if (exchanged == nullptr) return nullptr;
  TF_Tensor* own = sumOfRows(exchanged, workers, part);
  TF_DeleteTensor(exchanged);
  TF_Tensor* gathered = collect("CollectiveGatherV2", own, kGatherKey, error);
  TF_DeleteTensor(own);
  if (gathered == nullptr) return nullptr;
  TF_Tensor* sums = reshaped(gathered, {size});
  TF_DeleteTensor(gathered);
  return sums;
}

TF_Tensor* Reducer::collect(const char* name, TF_Tensor* values, int32_t firstKey, std::string& error) {
  Status status;
  // Only one sum is computed at a time, so the number of values can be its key. TensorFlow keeps a record of each key.
  const auto key = static_cast<int32_t>(firstKey + TF_TensorElementCount(values));
  TFE_TensorHandle* inputs[] = {TFE_NewTensorHandle(values, status.s),
                                scalar(static_cast<int32_t>(cluster_.addresses.size())), scalar(kGroup),
                                scalar(key)};
  TFE_Op* op = TFE_NewOp(context_, name, status.s);
  for (TFE_TensorHandle* input : inputs) {
    if (status.isOk()) TFE_OpAddInput(op, input, status.s);
  }
  TFE_OpSetAttrType(op, "T", TF_FLOAT);
  if (std::strcmp(name, "CollectiveReduceV2") == 0) {
    TFE_OpSetAttrString(op, "merge_op", "Add", 3);
    TFE_OpSetAttrString(op, "final_op", "Id", 2);
  }
  TFE_OpSetAttrInt(op, "Nordering_token", 0);
  TFE_TensorHandle* output = nullptr;
  int outputs = 1;
  if (status.isOk()) TFE_Execute(op, &output, &outputs, status.s);
  TF_Tensor* result = status.isOk() ? TFE_TensorHandleResolve(output, status.s) : nullptr;
  if (!status.isOk()) error = status.message();
  if (output != nullptr) TFE_DeleteTensorHandle(output);
  TFE_DeleteOp(op);
  for (TFE_TensorHandle* input : inputs) TFE_DeleteTensorHandle(input);
  return result;
}

void Reducer::abort() {
  Status status;
  TF_SetStatus(status.s, TF_ABORTED, "A worker is missing.");
  TFE_AbortCollectiveOps(context_, status.s);
}

Sum Reducer::finish(int slot) {
  const auto begin = Clock::now();
  std::unique_lock<std::mutex> lock(mutex_);
  const auto isDone = [this, slot] { return jobs_[slot].isDone; };
  while (!changed_.wait_for(lock, kBetweenLooks, isDone)) {
    lock.unlock();
    const std::vector<int> absent = absentWorkers(kAnswerMs);
    const bool isSlow = Clock::now() - begin > patience_;
    lock.lock();
    if (isDone()) break;
    if (absent.empty() && !isSlow) continue;
    lock.unlock();
    abort();
    if (absent.empty()) throw WorkerFailure("slow", "-");
    throw WorkerFailure("absent", joined(absent));
  }
  Job job = std::move(jobs_[slot]);
  jobs_.erase(slot);
  lock.unlock();
  if (job.error.empty()) return std::move(job.sum);
  const std::vector<int> absent = absentWorkers(kAnswerAfterErrorMs);
  abort();
  if (absent.empty()) throw WorkerFailure("error", job.error);
  throw WorkerFailure("absent", joined(absent));
}

}  // namespace qprune
