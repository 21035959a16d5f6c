// The loop of the channel shuffle.
#include "channel-shuffle.h"

#include "scratch.h"

namespace qprune {
namespace {

constexpr int64_t kGrain = 256;

struct Layout {
  Layout(int64_t channels, Scratch& scratch) : source(scratch.take<int32_t>(channels)) {}
  int32_t* source;
};

QPRUNE_CLONES void shuffleRows(const float* x, const int32_t* source, float* y, int64_t rows,
                               int64_t channels) {
  for (int64_t row = 0; row < rows; row++)
    gatherRow(x + row * channels, source, y + row * channels, channels);
}

}  // namespace

size_t channelShuffleScratchBytes(int64_t channels) { return bytesOf<Layout>(channels); }

void channelShuffle(const float* x, float* y, int64_t rows, int64_t channels, int64_t groups, void* scratch,
                    Parallel& parallel) {
  const auto at = layOut<Layout>(scratch, channels);
  shuffleSource(channels, groups, at.source);
  parallelFor(parallel, rows, kGrain, [&](int64_t begin, int64_t end, int) {
    shuffleRows(x + begin * channels, at.source, y + begin * channels, end - begin, channels);
  });
}

}  // namespace qprune
