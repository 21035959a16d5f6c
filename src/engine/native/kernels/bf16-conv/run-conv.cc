// Convolutions in bfloat16 as sums over runs. The threads take blocks of positions, whose source they round and pad into
// memory of their own, small enough for a core's cache.
#include "run-conv.h"

#include "../scratch.h"
#include "run-plan.h"

namespace qprune {
namespace {

// Elements of a block's source: a third of a typical second-level cache, which also holds the weights of a panel.
constexpr int64_t kBlockElements = 128 << 10;
// As many blocks as there are images and rows for, so that no thread waits long for the others.
constexpr int64_t kMinBlocks = 64;
// Destinations of this size do not stay in the caches.
constexpr int64_t kStreamedBytes = 8 << 20;

// Rows of positions that are computed together: those of several images, or a part of one image's.
struct Blocking {
  explicit Blocking(const RunPlan& plan) {
    const int64_t most = std::max<int64_t>(1, kBlockElements / plan.rowElements());
    const int64_t imageRows = plan.top + plan.rows.source + plan.bottom;
    const int64_t allRows = plan.rows.positions(0);
    if (imageRows <= most && plan.images >= kMinBlocks) {
      rows = allRows;
      images = std::clamp<int64_t>(plan.images / kMinBlocks, 1, most / imageRows);
    } else {
      images = 1;
      const int64_t reach = std::max<int64_t>(imageRows - (allRows - 1) * plan.rows.sourceStep, 1);
      const int64_t fitting = std::max<int64_t>(1, (most - reach) / plan.rows.sourceStep + 1);
      const int64_t parts = plan.images == 0 ? 1 : (kMinBlocks + plan.images - 1) / plan.images;
      rows = std::min(fitting, (allRows + parts - 1) / parts);
      // Fewer rows would spend more on rows that adjacent blocks share, and on incomplete tiles.
      rows = std::min(allRows, std::max(rows, std::min(fitting, leastRows(plan))));
    }
    rows = std::max<int64_t>(rows, 1);  // a batch may be empty
    rowBlocks = (allRows + rows - 1) / rows;
    sourceRows = (rows - 1) * plan.rows.sourceStep + imageRows - (allRows - 1) * plan.rows.sourceStep;
  }

  static int64_t leastRows(const RunPlan& plan) {
    constexpr int64_t kLeastPositions = 128;
    return (kLeastPositions + plan.columns.positions(0) - 1) / plan.columns.positions(0);
  }

  int64_t images, rows;  // of a block
  int64_t rowBlocks;     // of an image
  int64_t sourceRows;    // of an image in a block
  int64_t blocks(const RunPlan& plan) const { return (plan.images + images - 1) / images * rowBlocks; }
};

struct Workspace {
  Workspace(const RunPlan& plan, const Blocking& blocking, int threads, Scratch& memory)
      : weights(memory.take<uint32_t>(plan.weightPairs())),
        source(memory.takePerThread<Bf16>(
            blocking.images * blocking.sourceRows * plan.rowElements() + plan.elementsAfter(), threads)),
        runOffsets(memory.takePerThread<int64_t>(plan.kernelHeight * plan.kernelWidth, threads)),
        sourceOffsets(memory.takePerThread<int64_t>(positions(plan, blocking), threads)),
        destinationOffsets(memory.takePerThread<int64_t>(positions(plan, blocking), threads)) {}

  static int64_t positions(const RunPlan& plan, const Blocking& blocking) {
    return blocking.images * blocking.rows * plan.columns.positions(0) + kMostTilePositions;
  }

  uint32_t* weights;
  PerThread<Bf16> source;
  PerThread<int64_t> runOffsets, sourceOffsets, destinationOffsets;
};

// A block: some rows of positions of some images.
struct Block {
  int64_t firstImage, images;
  int64_t firstRow, rows;
};

Block blockAt(const RunPlan& plan, const Blocking& blocking, int64_t index) {
  const int64_t image = index / blocking.rowBlocks * blocking.images, row = index % blocking.rowBlocks * blocking.rows;
  return {image, std::min(blocking.images, plan.images - image), row,
          std::min(blocking.rows, plan.rows.positions(0) - row)};
}

// Copies the source of a block with its padding.
void packSource(const RunPlan& plan, const Blocking& blocking, const Block& block, const Values& source, Bf16* to) {
  const int64_t sides = plan.columns.source * plan.sourceChannels;
  const int64_t before = plan.left * plan.sourceChannels, after = plan.right * plan.sourceChannels;
  for (int64_t image = block.firstImage; image < block.firstImage + block.images; image++)
    for (int64_t row = 0; row < blocking.sourceRows; row++, to += plan.rowElements()) {
      const int64_t from = block.firstRow * plan.rows.sourceStep - plan.top + row;
      if (from < 0 || from >= plan.rows.source) {
        std::fill(to, to + plan.rowElements(), 0);
        continue;
      }
      std::fill(to, to + before, 0);
      source.round((image * plan.rows.source + from) * sides, sides, to + before);
      std::fill(to + before + sides, to + before + sides + after, 0);
    }
  std::fill(to, to + plan.elementsAfter(), 0);
}

// Where each position of a phase in a block is; returns how many there are.
int64_t locate(const RunPlan& plan, const Blocking& blocking, const Block& block, int64_t phase,
               int64_t* sourceOffsets, int64_t* destinationOffsets) {
  const int64_t phaseRow = phase / plan.columns.phases, phaseColumn = phase % plan.columns.phases;
  const int64_t columns = plan.columns.positions(phaseColumn);
  const int64_t end = std::min(block.firstRow + block.rows, plan.rows.positions(phaseRow));
  int64_t count = 0;
  for (int64_t image = 0; image < block.images; image++)
    for (int64_t row = block.firstRow; row < end; row++) {
      const int64_t source =
          (image * blocking.sourceRows + (row - block.firstRow) * plan.rows.sourceStep) * plan.rowElements();
      const int64_t y = row * plan.rows.phases + phaseRow;
      const int64_t line = ((block.firstImage + image) * plan.rows.destination + y) * plan.columns.destination;
      for (int64_t column = 0; column < columns; column++, count++) {
        sourceOffsets[count] = source + column * plan.columns.sourceStep * plan.sourceChannels;
        destinationOffsets[count] = (line + column * plan.columns.phases + phaseColumn) * plan.destinationChannels;
      }
    }
  // The last tile may compute more positions; what is beyond the last one is not stored.
  if (count > 0) std::fill(sourceOffsets + count, sourceOffsets + count + kMostTilePositions, sourceOffsets[count - 1]);
  return count;
}

// The runs of a phase, from the source element of a position at offset 0 of its block.
void findRuns(const RunPlan& plan, int64_t phase, int64_t* offsets) {
  const AxisTaps down = plan.rowTaps(phase), across = plan.columnTaps(phase);
  const bool hasRowRuns = plan.hasRowRuns(across);
  for (int64_t run = 0; run < plan.runs(phase); run++) {
    const int64_t ty = hasRowRuns ? run : run / across.count, tx = hasRowRuns ? 0 : run % across.count;
    const int64_t row = plan.top + down.offset + ty * down.offsetStep;
    const int64_t column = plan.left + across.offset + tx * across.offsetStep;
    offsets[run] = row * plan.rowElements() + column * plan.sourceChannels;
  }
}

void multiplyPhase(const RunPlan& plan, const Workspace& memory, int64_t phase, int64_t positions, int thread,
                   const Results& destination, bool isStreamed) {
  RunPanel p{};
  p.sourceOffsets = memory.sourceOffsets.of(thread);
  p.runOffsets = memory.runOffsets.of(thread);
  p.runs = plan.runs(phase);
  p.runPairs = plan.runPairs(phase);
  p.destinationOffsets = memory.destinationOffsets.of(thread);
  p.positions = positions;
  p.isStreamed = isStreamed;
  for (int64_t group = 0; group < plan.groups; group++)
    for (int64_t panel = 0; panel < plan.panels; panel++) {
      p.source = memory.source.of(thread) + group * plan.groupSources;
      p.weights = memory.weights + plan.panelStart(phase, group, panel);
      p.blocks = static_cast<int>(plan.panelBlocks(panel));
      p.outputs = plan.panelOutputs(panel);
      p.destination = destination.from(group * plan.groupOutputs + plan.firstBlock(panel) * kBlockOutputs);
      plan.loops.multiply(p);
    }
}

bool isStreamed(const RunPlan& plan, const Results& destination) {
  const int64_t values = plan.images * plan.rows.destination * plan.columns.destination * plan.destinationChannels;
  return destination.isFloat() && values * static_cast<int64_t>(sizeof(float)) >= kStreamedBytes &&
         plan.groupOutputs % kBlockOutputs == 0;
}

void convolve(const RunPlan& plan, const Values& source, const float* kernel, const Results& destination, void* scratch,
              Parallel& parallel) {
  const Blocking blocking(plan);
  const auto memory = layOut<Workspace>(scratch, plan, blocking, parallel.threads());
  packRunWeights(plan, kernel, memory.weights, parallel);
  const bool streams = isStreamed(plan, destination);
  forEachPiece(parallel, blocking.blocks(plan), [&](int64_t index, int thread) {
    const Block block = blockAt(plan, blocking, index);
    packSource(plan, blocking, block, source, memory.source.of(thread));
    for (int64_t phase = 0; phase < plan.phases(); phase++) {
      findRuns(plan, phase, memory.runOffsets.of(thread));
      const int64_t positions = locate(plan, blocking, block, phase, memory.sourceOffsets.of(thread),
                                       memory.destinationOffsets.of(thread));
      multiplyPhase(plan, memory, phase, positions, thread, destination, streams);
    }
    fenceStreamedStores();
  });
}

size_t scratchBytes(const RunPlan& plan, const Parallel& parallel) {
  return bytesOf<Workspace>(plan, Blocking(plan), parallel.threads());
}

}  // namespace

size_t bf16ConvScratchBytes(const ConvShape& shape, const Parallel& parallel) {
  return scratchBytes(RunPlan(shape, false), parallel);
}

void bf16Conv(const ConvShape& shape, const Values& x, const float* kernel, const Results& y, void* scratch,
              Parallel& parallel) {
  convolve(RunPlan(shape, false), x, kernel, y, scratch, parallel);
}

size_t bf16InputGradientScratchBytes(const ConvShape& shape, const Parallel& parallel) {
  return scratchBytes(RunPlan(shape, true), parallel);
}

void bf16InputGradient(const ConvShape& shape, const Values& dy, const float* kernel, const Results& dx, void* scratch,
                       Parallel& parallel) {
  convolve(RunPlan(shape, true), dy, kernel, dx, scratch, parallel);
}

}  // namespace qprune
