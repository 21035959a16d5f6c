// The interface through which kernels share their work among threads; whoever calls a kernel implements it.
#pragma once

#include <algorithm>
#include <cstdint>

namespace qprune {

class Parallel {
 public:
  // Computes one piece of `work`; `thread` is below threads(), and no two running calls share it.
  using Piece = void (*)(const void* work, int64_t piece, int thread);

  // The number of threads, the calling one included; it never changes.
  virtual int threads() const = 0;

  // Calls piece(work, i, thread) once for each i in [0, pieces), in any order, and returns when all are done.
  virtual void run(int64_t pieces, Piece piece, const void* work) = 0;

 protected:
  ~Parallel() = default;
};

// Runs everything on the calling thread.
class SingleThread final : public Parallel {
 public:
  int threads() const override { return 1; }
  void run(int64_t pieces, Piece piece, const void* work) override {
    for (int64_t i = 0; i < pieces; i++) piece(work, i, 0);
  }
};

// Several for each thread, so that one that is interrupted does not hold up the others.
constexpr int64_t kPiecesPerThread = 4;

// Calls body(begin, end, thread) on disjoint ranges that cover [0, count) and returns when all are done. Only
// the last range may be shorter than `grain`. The ranges depend on the number of threads, so they must not
// affect a result: reductions across rows use blocks that the shape alone determines.
template <class Body>
void parallelFor(Parallel& parallel, int64_t count, int64_t grain, const Body& body) {
  const int64_t mostPieces = parallel.threads() * kPiecesPerThread;
  const int64_t step = std::max<int64_t>(grain, (count + mostPieces - 1) / mostPieces);
  const int64_t pieces = (count + step - 1) / step;
  if (pieces <= 1 || parallel.threads() == 1) {
    if (count > 0) body(0, count, 0);
    return;
  }
  struct Work {
    const Body& body;
    int64_t count, step;
  };
  const Work work{body, count, step};
  parallel.run(
      pieces,
      [](const void* of, int64_t piece, int thread) {
        const Work& w = *static_cast<const Work*>(of);
        w.body(piece * w.step, std::min(w.count, (piece + 1) * w.step), thread);
      },
      &work);
}

// Calls body(i, thread) once for each i in [0, count), for pieces of work that are large themselves.
template <class Body>
void forEachPiece(Parallel& parallel, int64_t count, const Body& body) {
  parallel.run(
      count, [](const void* of, int64_t i, int thread) { (*static_cast<const Body*>(of))(i, thread); }, &body);
}

}  // namespace qprune
