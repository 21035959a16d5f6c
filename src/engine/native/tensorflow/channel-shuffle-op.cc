// QpruneChannelShuffle: the channels (the last axis) permuted across groups; see src/tensor/ops/channel-shuffle.ts.
#include "../kernels/channel-shuffle.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

struct ChannelShuffle {
  explicit ChannelShuffle(const Attributes& a) : groups(a.integer("groups")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    const int64_t channels = shape.back();
    channelShuffle(run.input(0), run.output(0, shape), elementCount(shape) / channels, channels, groups,
                   run.scratch(channelShuffleScratchBytes(channels)), threadPool());
  }
  int64_t groups;
};

const RegisterOp<ChannelShuffle> channelShuffleOp("QpruneChannelShuffle", {"x: float"}, {"y: float"},
                                                  {"groups: int"});

}  // namespace
}  // namespace qprune
