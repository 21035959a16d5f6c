// Sums of tensors over all workers, computed by TensorFlow's collective ops on a thread of their own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "cluster.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace qprune {

// The parts of a sum: their shapes, and their values one after the other.
struct Sum {
  std::vector<std::vector<int64_t>> shapes;
  TF_Tensor* values = nullptr;
};

// A failure: a word that names its kind, and what it is about.
struct WorkerFailure : std::runtime_error {
  WorkerFailure(const std::string& kind, const std::string& detail)
      : std::runtime_error("qprune-workers " + kind + " " + detail) {}
};

// One process has one reducer. Sums are computed in the order in which they were started, which has to be the same in
// all workers. A reducer that failed once fails from then on.
class Reducer {
 public:
  // Starts this worker's server. `patience`: how long a sum may wait for the slowest worker. @throws WorkerFailure
  Reducer(const Cluster& cluster, std::chrono::milliseconds patience);
  Reducer(const Reducer&) = delete;
  Reducer& operator=(const Reducer&) = delete;

  // Starts a sum; takes the tensor of the parts over. A slot has at most one unfinished sum.
  void start(int slot, Sum parts);
  // Waits for the sum of a slot; its tensor is the caller's. @throws WorkerFailure
  Sum finish(int slot);

  // The other workers that do not answer within a time.
  std::vector<int> absentWorkers(int64_t answerMs);

 private:
  struct Job {
    Sum sum;
    bool isDone = false;
    std::string error;
  };

  void work();
  // Null where a worker or a collective op failed.
  TF_Tensor* reduce(TF_Tensor* values, std::string& error);
  // One of TensorFlow's collective ops. Their keys are told apart by the number of values.
  TF_Tensor* collect(const char* name, TF_Tensor* values, int32_t firstKey, std::string& error);
  void abort();

  const Cluster cluster_;
  const std::chrono::milliseconds patience_;
  TFE_Context* context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<int> queue_;
  std::map<int, Job> jobs_;
};

}  // namespace qprune
