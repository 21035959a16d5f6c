#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace qprune {
namespace {

class Pool {
 public:
  explicit Pool(int workers) {
    try {
      for (int i = 0; i < workers; i++) std::thread([this] { work(); }).detach();
    } catch (const std::system_error&) {
      // Fewer threads than asked for: whoever calls does the work that they would have done.
    }
  }

  void run(int64_t pieces, const std::function<void(int64_t)>& piece) {
    std::lock_guard<std::mutex> oneAtATime(callers_);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      piece_ = &piece;
      pieces_ = pieces;
      next_ = 0;
      running_ = 0;
      generation_++;
    }
    wake_.notify_all();
    drain();
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
    piece_ = nullptr;
  }

 private:
  void drain() {
    for (int64_t at = next_++; at < pieces_; at = next_++) (*piece_)(at);
  }

  void work() {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return generation_ != seen && piece_ != nullptr; });
      seen = generation_;
      running_++;
      lock.unlock();
      drain();
      lock.lock();
      if (--running_ == 0) done_.notify_one();
    }
  }

  std::mutex callers_, mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int64_t)>* piece_ = nullptr;
  int64_t pieces_ = 0;
  std::atomic<int64_t> next_{0};
  int running_ = 0;
  uint64_t generation_ = 0;
};

// Never destroyed: its threads sleep until the process ends.
Pool& pool() {
  static Pool* instance = new Pool(threadCount() - 1);
  return *instance;
}

}  // namespace

int threadCount() {
  static const int count = [] {
    const char* asked = std::getenv("QPRUNE_THREADS");
    const int wanted = asked ? std::atoi(asked) : 0;
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    return std::max(1, std::min(wanted > 0 ? wanted : cores, 64));
  }();
  return count;
}

void parallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  const int64_t step = std::max<int64_t>(grain, (count + threadCount() * 4 - 1) / (threadCount() * 4));
  const int64_t pieces = (count + step - 1) / step;
  if (pieces <= 1 || threadCount() == 1) {
    if (count > 0) body(0, count);
    return;
  }
  pool().run(pieces, [&](int64_t at) { body(at * step, std::min(count, (at + 1) * step)); });
}

}  // namespace qprune
