// The gradient of a convolution's kernel in bfloat16. Chunks of the maps are packed as pairs of adjacent positions, and
// every value of the gradient is added to once for each chunk. Processors that multiply tiles sum along lines instead.
#include "kernel-gradient.h"

#include <algorithm>

#include "../scratch.h"
#include "gradient-slabs.h"
#include "line-gradient.h"
#include "pair-tile.h"

namespace qprune {
namespace {

// Pairs in a chunk's operands, which stay in a core's cache while all values of the gradient use them; with a single
// slab in the cache that the cores share.
constexpr int64_t kSlabChunkPairs = 128 << 10;
constexpr int64_t kSharedChunkPairs = 512 << 10;

// Rows of pairs of one chunk, of several images or of a part of one.
struct Plan : ConvShape, GradientSlabs, OutputPanels {
  explicit Plan(const ConvShape& shape)
      : ConvShape(flattenedRows(shape)),
        GradientSlabs(static_cast<const ConvShape&>(*this)),
        OutputPanels(outputs / groups, kPanelBlocks),
        outRows(outHeight()),
        outColumns(outWidth()),
        pairs((outColumns + 1) / 2),
        groupInputs(inputs / groups),
        isNarrow(kernelWidth == 1),
        columns(isNarrow ? pairs : 2 * (pairs - 1) * stride.columns + dilation.columns * (kernelWidth - 1) + 1),
        columnStep(isNarrow ? 2 * stride.columns : 1),
        hasRowRuns(groups == 1 && dilation.columns == 1) {
    const int64_t reach = dilation.rows * (kernelHeight - 1) + 1;
    const int64_t most = slabs == 1 ? kSharedChunkPairs : kSlabChunkPairs;
    const int64_t rowPairs = columns * inputs, outRowPairs = pairs * groups * blocks * kBlockOutputs;
    const auto pairsOf = [&](int64_t rows) {
      return ((rows - 1) * stride.rows + reach) * rowPairs + rows * outRowPairs;
    };
    chunkRows = outRows;
    while (chunkRows > 1 && pairsOf(chunkRows) > most) chunkRows = (chunkRows + 1) / 2;
    chunkImages = chunkRows < outRows ? 1 : std::clamp<int64_t>(most / pairsOf(outRows), 1, slabImages);
    sourceRows = (chunkRows - 1) * stride.rows + reach;
  }

  int64_t outRows, outColumns;
  int64_t pairs;  // of positions in a row
  int64_t groupInputs;
  // With a kernel of one column only every second position begins a pair; otherwise every column of the padded source.
  bool isNarrow;
  int64_t columns, columnStep;  // columns that begin a pair: how many, and the source columns between them
  bool hasRowRuns;              // whether the taps of a kernel's row are adjacent rows of the gradient and of a pair's
  int64_t chunkImages, chunkRows, sourceRows;

  int64_t pairStep() const { return (isNarrow ? 1 : 2 * stride.columns) * inputs; }
  int64_t xPairs() const { return chunkImages * sourceRows * columns * inputs; }
  int64_t dyPairs() const { return chunkImages * chunkRows * pairs * groups * blocks * kBlockOutputs; }

  // Rows of the gradient whose pairs are adjacent: how many there are, and how often.
  int64_t runRows() const { return hasRowRuns ? kernelWidth * groupInputs : groupInputs; }
  int64_t runs() const { return kernelHeight * (hasRowRuns ? 1 : kernelWidth); }
};

struct Operands {
  uint32_t* x;   // [images, sourceRows, columns, inputs]
  uint32_t* dy;  // [groups, panels, images, rows, pairs, blocks, kBlockOutputs]
};

struct Workspace {
  Workspace(const Plan& plan, int threads, Scratch& memory)
      // A tile reads the pairs of all its rows, also those that it does not store.
      : x(memory.takePerThread<uint32_t>(plan.xPairs() + kMostTileRows, plan.slabs == 1 ? 1 : threads)),
        dy(memory.takePerThread<uint32_t>(plan.dyPairs(), plan.slabs == 1 ? 1 : threads)),
        sums(memory.take<float>((plan.slabs - 1) * plan.values)) {}
  Operands operands(int thread) const { return {x.of(thread), dy.of(thread)}; }

  PerThread<uint32_t> x, dy;
  float* sums;  // of all slabs but the first
};

// Packs row `row` of the source of an image in a chunk.
void packSourceRow(const Plan& p, const GradientChunk& chunk, int64_t image, int64_t row, const Values& x, uint32_t* to) {
  to += (image * p.sourceRows + row) * p.columns * p.inputs;
  const int64_t from = chunk.firstRow * p.stride.rows - p.padding.top + row;
  if (from < 0 || from >= p.height) {
    std::fill(to, to + p.columns * p.inputs, 0);
    return;
  }
  const Values line = x.from(((chunk.firstImage + image) * p.height + from) * p.width * p.inputs);
  const auto at = [&](int64_t column) {
    return column < 0 || column >= p.width ? nullptr : line.at(column * p.inputs);
  };
  for (int64_t column = 0; column < p.columns; column++, to += p.inputs) {
    const int64_t first = column * p.columnStep - p.padding.left;
    pairRows(x, at(first), at(first + p.stride.columns), p.inputs, to);
  }
}

// Packs row `row` of the gradient of the output of an image in a chunk, for all panels.
void packGradientRow(const Plan& p, const GradientChunk& chunk, int64_t image, int64_t row, const Values& dy, uint32_t* to) {
  const Values line =
      dy.from(((chunk.firstImage + image) * p.outRows + chunk.firstRow + row) * p.outColumns * p.outputs);
  for (int64_t group = 0; group < p.groups; group++)
    for (int64_t panel = 0; panel < p.panels; panel++) {
      const int64_t lanes = p.panelBlocks(panel) * kBlockOutputs, count = p.panelOutputs(panel);
      const int64_t first = group * p.groupOutputs + p.firstBlock(panel) * kBlockOutputs;
      uint32_t* out = to + (image * p.chunkRows + row) * p.pairs * lanes;
      for (int64_t pair = 0; pair < p.pairs; pair++, out += lanes) {
        const Values low = line.from(2 * pair * p.outputs + first);
        pairRows(dy, low.data, 2 * pair + 1 < p.outColumns ? low.at(p.outputs) : nullptr, count, out);
        std::fill(out + count, out + lanes, 0);
      }
      to += p.chunkImages * p.chunkRows * p.pairs * lanes;
    }
}

void packChunk(const Plan& p, const GradientChunk& chunk, const Values& x, const Values& dy, const Operands& memory,
               Parallel& parallel) {
  const int64_t sourceRows = (chunk.rows - 1) * p.stride.rows + p.sourceRows - (p.chunkRows - 1) * p.stride.rows;
  const int64_t lines = sourceRows + chunk.rows;
  parallelFor(parallel, chunk.images * lines, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t image = i / lines, line = i % lines;
      if (line < sourceRows)
        packSourceRow(p, chunk, image, line, x, memory.x);
      else
        packGradientRow(p, chunk, image, line - sourceRows, dy, memory.dy);
    }
  });
}

// The tiles of one panel of one group: adjacent rows of each run.
int64_t tilesOf(const Plan& p, int64_t panel) {
  const int64_t rows = tileRows(static_cast<int>(p.panelBlocks(panel)), p.runRows());
  return p.runs() * ((p.runRows() + rows - 1) / rows);
}

// The operands of the chunk after one.
struct Ahead {
  Lines x, dy;
  Lines take(int64_t most) { return x.next < x.end ? x.take(most) : dy.take(most); }
};

void addTile(const Plan& p, const GradientChunk& chunk, const Operands& memory, int64_t group, int64_t panel, int64_t tile,
             bool isFirst, float* dKernel, MultiplyPairTile multiply, Ahead* ahead) {
  const int blocks = static_cast<int>(p.panelBlocks(panel));
  const int64_t rows = tileRows(blocks, p.runRows()), perRun = tilesOf(p, panel) / p.runs();
  const int64_t run = tile / perRun, wanted = tile % perRun * rows;
  // The last tile of a run begins earlier, so that it is whole, and leaves out the rows of the one before it.
  const int64_t first = std::max<int64_t>(0, std::min(wanted, p.runRows() - rows));
  const int64_t ky = p.hasRowRuns ? run : run / p.kernelWidth, kx = p.hasRowRuns ? 0 : run % p.kernelWidth;
  const int64_t blocksBefore = group * p.blocks + p.firstBlock(panel);
  PairTile t{};
  t.x = memory.x + (ky * p.dilation.rows * p.columns + kx * p.dilation.columns) * p.inputs + group * p.groupInputs + first;
  t.dy = memory.dy + blocksBefore * kBlockOutputs * p.chunkImages * p.chunkRows * p.pairs;
  t.images = chunk.images;
  t.rows = chunk.rows;
  t.pairs = p.pairs;
  t.imageStep = p.sourceRows * p.columns * p.inputs;
  t.rowStep = p.stride.rows * p.columns * p.inputs;
  t.pairStep = p.pairStep();
  t.blocks = blocks;
  t.tileRows = static_cast<int>(rows);
  t.sums = dKernel + (run * p.runRows() + first) * p.outputs + group * p.groupOutputs + p.firstBlock(panel) * kBlockOutputs;
  t.sumStep = p.outputs;
  t.firstRow = static_cast<int>(wanted - first);
  t.lastRow = static_cast<int>(std::min(rows, p.runRows() - first));
  t.outputs = p.panelOutputs(panel);
  t.isFirst = isFirst;
  if (ahead != nullptr) t.ahead = ahead->take(t.images * t.rows * t.pairs);
  multiply(t);
}

void addChunk(const Plan& p, const GradientChunk& chunk, const Operands& memory, bool isFirst, float* dKernel,
              const Ahead& ahead, Parallel& parallel) {
  const MultiplyPairTile multiply = pairTileKernel();
  // Threads that share the tiles of a chunk would share what is left to fetch, too.
  Ahead left = ahead;
  Ahead* const fetched = parallel.threads() == 1 ? &left : nullptr;
  for (int64_t panel = 0; panel < p.panels; panel++) {
    const int64_t tiles = tilesOf(p, panel);
    forEachPiece(parallel, p.groups * tiles, [&](int64_t i, int) {
      addTile(p, chunk, memory, i / tiles, panel, i % tiles, isFirst, dKernel, multiply, fetched);
    });
  }
}

// The operands of the images [first, end).
Ahead operandsOf(const Plan& p, int64_t first, int64_t end, const Values& x, const Values& dy) {
  const int64_t xs = p.height * p.width * p.inputs, dys = p.outRows * p.outColumns * p.outputs;
  return {Lines::of(x, first * xs, (end - first) * xs), Lines::of(dy, first * dys, (end - first) * dys)};
}

// The sum of one slab.
void addSlab(const Plan& plan, int64_t slab, const Values& x, const Values& dy, const Operands& memory, float* sums,
             Parallel& parallel) {
  const int64_t first = slab * plan.slabImages, end = std::min(plan.images, first + plan.slabImages);
  for (int64_t image = first; image < end; image += plan.chunkImages)
    for (int64_t row = 0; row < plan.outRows; row += plan.chunkRows) {
      const GradientChunk chunk{image, std::min(plan.chunkImages, end - image), row,
                                std::min(plan.chunkRows, plan.outRows - row)};
      packChunk(plan, chunk, x, dy, memory, parallel);
      // Only whole images: chunks of a large one's rows are larger than what could be fetched before them.
      const int64_t next = plan.chunkRows == plan.outRows ? image + chunk.images : end;
      const Ahead ahead = operandsOf(plan, next, std::min(end, next + plan.chunkImages), x, dy);
      addChunk(plan, chunk, memory, image == first && row == 0, sums, ahead, parallel);
    }
}

void kernelGradient(const ConvShape& shape, const Values& x, const Values& dy, float* dKernel, void* scratch,
                    Parallel& parallel) {
  if (const MultiplyLines multiply = linesFor(shape)) return lineGradient(shape, multiply, x, dy, dKernel, scratch, parallel);
  const Plan plan(shape);
  const auto memory = layOut<Workspace>(scratch, plan, parallel.threads());
  if (plan.images == 0) return std::fill(dKernel, dKernel + plan.values, 0.0f);
  sumSlabs(plan, memory.sums, dKernel, parallel, [&](int64_t slab, int thread, float* sums, Parallel& threads) {
    addSlab(plan, slab, x, dy, memory.operands(thread), sums, threads);
  });
}

}  // namespace

size_t bf16KernelGradientScratchBytes(const ConvShape& shape, const Parallel& parallel) {
  if (linesFor(shape) != nullptr) return lineGradientScratchBytes(shape, parallel);
  return bytesOf<Workspace>(Plan(shape), parallel.threads());
}

void bf16KernelGradient(const ConvShape& shape, const Values& x, const Values& dy, float* dKernel, void* scratch,
                        Parallel& parallel) {
  if (!holdsCodes(x.storage)) return kernelGradient(shape, x, dy, dKernel, scratch, parallel);
  // bfloat16 represents codes exactly, so the factor of all values comes last.
  kernelGradient(shape, x.ofCodes(), dy, dKernel, scratch, parallel);
  const int64_t count = shape.kernelHeight * shape.kernelWidth * shape.inputs / shape.groups * shape.outputs;
  const float factor = 1.0f / x.levels;
  for (int64_t i = 0; i < count; i++) dKernel[i] *= factor;
}

}  // namespace qprune
