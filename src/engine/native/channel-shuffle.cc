// QpruneChannelShuffle: the channels of each row (the last axis) permuted; see core's channel-shuffle.ts.
#include "channel-shuffle.h"

#include "parallel.h"

namespace qprune {
namespace {

QPRUNE_CLONES void shuffleRows(const float* x, const int32_t* source, float* y, int64_t rows,
                               int64_t channels) {
  for (int64_t row = 0; row < rows; row++)
    gatherRow(x + row * channels, source, y + row * channels, channels);
}

struct ChannelShuffle {
  explicit ChannelShuffle(const Attributes& a) : groups(a.integer("groups")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const int64_t channels = shape.back();
    const std::vector<int32_t> source = shuffleSource(channels, groups);
    const float* x = run.input(0);
    float* y = run.output(0, shape);
    parallelFor(elementCount(shape) / channels, 256, [&](int64_t begin, int64_t end) {
      shuffleRows(x + begin * channels, source.data(), y + begin * channels, end - begin, channels);
    });
  }
  int64_t groups;
};

const RegisterOp<ChannelShuffle> channelShuffle("QpruneChannelShuffle", {"x: float"}, {"y: float"},
                                                {"groups: int"});

}  // namespace
}  // namespace qprune
