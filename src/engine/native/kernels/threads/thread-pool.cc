// A pool of standard C++ threads; leave it out where a target has no threads. Between loops they wait a moment for the
// next one before they sleep, since waking a thread takes as long as a small loop.
#include "thread-pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>

namespace qprune {
namespace {

constexpr int kMaxThreads = 64;
// Longer than JavaScript takes between two ops of a step, and too short to matter to other processes.
constexpr std::chrono::microseconds kPatience{200};

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Waits for a condition without sleeping, but not long. Returns whether it holds.
template <class Condition>
bool holdsSoon(const Condition& condition) {
  constexpr int kChecks = 64;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  do {
    for (int check = 0; check < kChecks; check++) {
      if (condition()) return true;
      relax();
    }
  } while (std::chrono::steady_clock::now() < end);
  return condition();
}

class ThreadPool final : public Parallel {
 public:
  explicit ThreadPool(int threads) : threads_(threads) {
    try {
      for (int thread = 1; thread < threads; thread++) std::thread([this, thread] { work(thread); }).detach();
    } catch (const std::system_error&) {
      // The system refuses more threads: those that exist, and the calling one, take over all pieces.
    }
  }

  int threads() const override { return threads_; }

  void run(int64_t pieces, Piece piece, const void* work) override {
    std::lock_guard<std::mutex> oneAtATime(callers_);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      piece_ = piece;
      work_ = work;
      pieces_ = pieces;
      next_ = 0;
      running_ = 0;
      generation_++;
    }
    wake_.notify_all();
    drain(0);
    holdsSoon([this] { return running_ == 0; });
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
    piece_ = nullptr;
  }

 private:
  void drain(int thread) {
    for (int64_t i = next_++; i < pieces_; i = next_++) piece_(work_, i, thread);
  }

  void work(int thread) {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      const bool isNew = generation_ != seen && piece_ != nullptr;
      seen = generation_;
      if (isNew) {
        running_++;
        lock.unlock();
        drain(thread);
        lock.lock();
        if (--running_ == 0) done_.notify_one();
        continue;
      }
      lock.unlock();
      const auto hasNext = [&] { return generation_ != seen; };
      const bool isSoon = holdsSoon(hasNext);
      lock.lock();
      if (!isSoon) wake_.wait(lock, hasNext);
    }
  }

  const int threads_;
  std::mutex callers_, mutex_;
  std::condition_variable wake_, done_;
  Piece piece_ = nullptr;
  const void* work_ = nullptr;
  int64_t pieces_ = 0;
  std::atomic<int64_t> next_{0};
  // Changed only with the mutex, but also read without it.
  std::atomic<int> running_{0};
  std::atomic<uint64_t> generation_{0};
};

int wantedThreads() {
  const char* asked = std::getenv("QPRUNE_THREADS");
  const int wanted = asked ? std::atoi(asked) : 0;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, std::min(wanted > 0 ? wanted : cores, kMaxThreads));
}

}  // namespace

Parallel& threadPool() {
  // Never destroyed: its threads sleep until the process ends.
  static ThreadPool* const pool = new ThreadPool(wantedThreads());
  return *pool;
}

}  // namespace qprune
