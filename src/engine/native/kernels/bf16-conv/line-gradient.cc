// Chunks of the maps are packed so that all positions of a chunk are one line. The grid of a chunk has, for each row and column
// of the output, those that a kernel reaches after the last one, too; dy is 0 there. So the source elements of any tap are a
// line of equal length that begins at another element of the same line, and no position needs an index of its own. With a
// stride the source is divided into phases, the rows and columns with the same remainder, which have a line each.
#include "line-gradient.h"

#include <algorithm>

#include "../scratch.h"
#include "gradient-slabs.h"
#include "transpose-pairs.h"

namespace qprune {
namespace {

// Bytes of a chunk's operands, which stay in a core's cache while all values of the gradient use them; with a single slab in
// the cache that the cores share.
constexpr int64_t kSlabChunkBytes = 1536 << 10;
constexpr int64_t kSharedChunkBytes = 4 << 20;

constexpr int64_t roundUp(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

// A multiple of `unit` that is an odd one, so that rows at this distance do not compete for the same places of a cache.
constexpr int64_t oddMultiple(int64_t value, int64_t unit) { return ((value + unit - 1) / unit | 1) * unit; }

// How the rows (or the columns) of the output, of a phase of the source and of the kernel are related.
struct LineAxis {
  int64_t source, output;  // sides
  int64_t kernel, stride, padding, dilation;

  static LineAxis rowsOf(const ConvShape& s) {
    return {s.height, s.outHeight(), s.kernelHeight, s.stride.rows, s.padding.top, s.dilation.rows};
  }
  static LineAxis columnsOf(const ConvShape& s) {
    return {s.width, s.outWidth(), s.kernelWidth, s.stride.columns, s.padding.left, s.dilation.columns};
  }

  int64_t phase(int64_t tap) const { return tap * dilation % stride; }
  int64_t offset(int64_t tap) const { return tap * dilation / stride; }
  // Positions of the grid after the last one of the output.
  int64_t after() const { return offset(kernel - 1); }
  bool uses(int64_t wanted) const {
    for (int64_t tap = 0; tap < kernel; tap++)
      if (phase(tap) == wanted) return true;
    return false;
  }
  // The source row of a row of a phase's grid, outside [0, source) if there is none.
  int64_t sourceOf(int64_t position, int64_t ofPhase) const { return position * stride + ofPhase - padding; }
};

struct Plan : OutputPanels {
  explicit Plan(const ConvShape& of)
      : OutputPanels(of.outputs / of.groups, kLineBlocks),
        shape(flattenedRows(of)),
        slabs(shape),
        rows(LineAxis::rowsOf(shape)),
        columns(LineAxis::columnsOf(shape)),
        groupInputs(shape.inputs / shape.groups),
        inputBlocks((groupInputs + kLineRows - 1) / kLineRows),
        gridColumns(columns.output + columns.after()),
        dyStep(oddMultiple(shape.outputs, kBlockOutputs)) {
    int64_t used = 0;
    for (int64_t phase = 0; phase < phases(); phase++) used += isUsed(phase);
    const int64_t positionBytes = used * shape.inputs * static_cast<int64_t>(sizeof(Bf16)) +
                                  dyStep * static_cast<int64_t>(sizeof(uint32_t)) / 2;
    const int64_t most = (slabs.slabs == 1 ? kSharedChunkBytes : kSlabChunkBytes) / positionBytes;
    chunkRows = rows.output;
    while (chunkRows > 1 && gridPositions() > most) chunkRows = (chunkRows + 1) / 2;
    chunkImages = chunkRows < rows.output ? 1 : std::clamp<int64_t>(most / gridPositions(), 1, slabs.slabImages);
    linePositions = roundUp(chunkImages * gridPositions(), kLinePositions);
    lineStep = oddMultiple(linePositions + offsetOf(shape.kernelHeight - 1, shape.kernelWidth - 1), kLinePositions);
  }

  ConvShape shape;
  GradientSlabs slabs;
  LineAxis rows, columns;
  int64_t groupInputs;
  int64_t inputBlocks;  // of kLineRows channels, in a group
  int64_t gridColumns;
  int64_t dyStep;  // from one pair of positions to the next
  int64_t chunkImages, chunkRows;
  int64_t linePositions, lineStep;  // a line's positions of dy; its elements of x, with those after its last position

  int64_t gridPositions() const { return (chunkRows + rows.after()) * gridColumns; }  // of an image
  int64_t offsetOf(int64_t ky, int64_t kx) const { return rows.offset(ky) * gridColumns + columns.offset(kx); }

  int64_t phases() const { return rows.stride * columns.stride; }
  bool isUsed(int64_t phase) const { return rows.uses(phase / columns.stride) && columns.uses(phase % columns.stride); }
  int64_t phaseOf(int64_t ky, int64_t kx) const { return rows.phase(ky) * columns.stride + columns.phase(kx); }

  // Tiles of the gradient's rows, in a group.
  int64_t tiles() const { return shape.kernelHeight * shape.kernelWidth * inputBlocks; }

  // A tile reads the lines of kLineRows channels, and of a pair all outputs of a panel.
  int64_t xElements() const { return (phases() * shape.inputs + kLineRows) * lineStep; }
  int64_t dyPairs() const { return linePositions / 2 * dyStep + kLineBlocks * kBlockOutputs; }
  int64_t tableStep() const { return shape.inputs + kLineRows; }
};

struct Workspace {
  Workspace(const Plan& plan, int threads, Scratch& memory)
      : x(memory.takePerThread<Bf16>(plan.xElements(), plan.slabs.slabs == 1 ? 1 : threads)),
        dy(memory.takePerThread<uint32_t>(plan.dyPairs(), plan.slabs.slabs == 1 ? 1 : threads)),
        table(memory.takePerThread<uint32_t>(kLinePairs * plan.tableStep(), threads)),
        sums(memory.take<float>((plan.slabs.slabs - 1) * plan.slabs.values)) {}

  PerThread<Bf16> x;         // [phases, inputs, lineStep]
  PerThread<uint32_t> dy;    // [linePositions / 2, dyStep]
  PerThread<uint32_t> table;  // pairs of kLinePositions positions, before they become parts of lines
  float* sums;               // of all slabs but the first
};

// Walks along the positions of a chunk's grid.
class GridWalk {
 public:
  GridWalk(const Plan& plan, int64_t position)
      : rows_(plan.chunkRows + plan.rows.after()), columns_(plan.gridColumns) {
    image = position / (rows_ * columns_);
    row = position / columns_ % rows_;
    column = position % columns_;
  }
  void next() {
    if (++column < columns_) return;
    column = 0;
    if (++row < rows_) return;
    row = 0;
    image++;
  }
  int64_t image, row, column;

 private:
  int64_t rows_, columns_;
};

// Packs the source of kLinePositions positions of a phase from `first` on.
void packSource(const Plan& p, const GradientChunk& chunk, int64_t phase, int64_t first, const Values& x, uint32_t* table,
                Bf16* lines) {
  const void* values[kLinePositions];
  GridWalk at(p, first);
  for (int64_t i = 0; i < kLinePositions; i++, at.next()) {
    const int64_t row = p.rows.sourceOf(chunk.firstRow + at.row, phase / p.columns.stride);
    const int64_t column = p.columns.sourceOf(at.column, phase % p.columns.stride);
    const bool isInside =
        at.image < chunk.images && row >= 0 && row < p.rows.source && column >= 0 && column < p.columns.source;
    const int64_t position = ((chunk.firstImage + at.image) * p.rows.source + row) * p.columns.source + column;
    values[i] = isInside ? x.at(position * p.shape.inputs) : nullptr;
  }
  pairAllRows(x, values, kLinePairs, p.shape.inputs, table, p.tableStep());
  for (int64_t input = 0; input < p.shape.inputs; input += kLineRows) {
    Bf16* to = lines + (phase * p.shape.inputs + input) * p.lineStep + first;
    transposePairs(table + input, p.tableStep(), std::min(kLineRows, p.shape.inputs - input),
                   reinterpret_cast<uint32_t*>(to), p.lineStep / 2);
  }
}

// Packs dy at kLinePositions positions from `first` on.
void packGradient(const Plan& p, const GradientChunk& chunk, int64_t first, const Values& dy, uint32_t* to) {
  const void* values[kLinePositions];
  GridWalk at(p, first);
  for (int64_t i = 0; i < kLinePositions; i++, at.next()) {
    const bool isInside = at.image < chunk.images && at.row < chunk.rows && at.column < p.columns.output;
    const int64_t row = chunk.firstRow + at.row;
    const int64_t position = ((chunk.firstImage + at.image) * p.rows.output + row) * p.columns.output + at.column;
    values[i] = isInside ? dy.at(position * p.shape.outputs) : nullptr;
  }
  pairAllRows(dy, values, kLinePairs, p.shape.outputs, to + first / 2 * p.dyStep, p.dyStep);
}

// The positions of a chunk up to its last one.
int64_t positionsOf(const Plan& p, const GradientChunk& chunk) {
  return roundUp((chunk.images - 1) * p.gridPositions() + (chunk.rows - 1) * p.gridColumns + p.columns.output,
                 kLinePositions);
}

struct Operands {
  const Workspace& memory;
  Bf16* x;
  uint32_t* dy;
  int firstTable;  // the tables of the threads begin there
};

void packChunk(const Plan& p, const GradientChunk& chunk, const Values& x, const Values& dy, const Operands& to,
               Parallel& parallel) {
  const int64_t parts = positionsOf(p, chunk) / kLinePositions;
  const int64_t after = p.offsetOf(p.shape.kernelHeight - 1, p.shape.kernelWidth - 1);
  const int64_t sourceParts = roundUp(parts * kLinePositions + after, kLinePositions) / kLinePositions;
  for (int64_t phase = 0; phase < p.phases(); phase++) {
    if (!p.isUsed(phase)) continue;
    parallelFor(parallel, sourceParts, 1, [&](int64_t begin, int64_t end, int thread) {
      uint32_t* table = to.memory.table.of(to.firstTable + thread);
      for (int64_t i = begin; i < end; i++) packSource(p, chunk, phase, i * kLinePositions, x, table, to.x);
    });
  }
  parallelFor(parallel, parts, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) packGradient(p, chunk, i * kLinePositions, dy, to.dy);
  });
}

LineTile tileAt(const Plan& p, int64_t group, int64_t firstOutput, int64_t tile, const Bf16* x, float* dKernel) {
  // The taps of some channels follow each other: they read the same lines.
  const int64_t taps = p.shape.kernelHeight * p.shape.kernelWidth;
  const int64_t tap = tile % taps, input = tile / taps * kLineRows;
  const int64_t ky = tap / p.shape.kernelWidth, kx = tap % p.shape.kernelWidth;
  const int64_t line = p.phaseOf(ky, kx) * p.shape.inputs + group * p.groupInputs + input;
  return {x + line * p.lineStep + p.offsetOf(ky, kx),
          dKernel + (tap * p.groupInputs + input) * p.shape.outputs + firstOutput,
          std::min(kLineRows, p.groupInputs - input)};
}

void addChunk(const Plan& p, const GradientChunk& chunk, const Operands& operands, bool isFirst, float* dKernel,
              MultiplyLines multiply, Parallel& parallel) {
  const int64_t pieces = (p.tiles() + kLineTiles - 1) / kLineTiles;
  forEachPiece(parallel, p.shape.groups * p.panels * pieces, [&](int64_t i, int) {
    const int64_t group = i / pieces / p.panels, panel = i / pieces % p.panels, first = i % pieces * kLineTiles;
    const int64_t output = group * p.groupOutputs + p.firstBlock(panel) * kBlockOutputs;
    LinePanel lines{};
    lines.tileCount = static_cast<int>(std::min<int64_t>(kLineTiles, p.tiles() - first));
    for (int tile = 0; tile < lines.tileCount; tile++)
      lines.tiles[tile] = tileAt(p, group, output, first + tile, operands.x, dKernel);
    lines.lineStep = p.lineStep;
    lines.dy = operands.dy + output;
    lines.dyStep = p.dyStep;
    lines.positions = positionsOf(p, chunk);
    lines.blocks = static_cast<int>(p.panelBlocks(panel));
    lines.outputs = p.panelOutputs(panel);
    lines.sumStep = p.shape.outputs;
    lines.isFirst = isFirst;
    multiply(lines);
  });
}

}  // namespace

MultiplyLines linesFor(const ConvShape& shape) {
  // Of large kernels on small maps most positions of a grid would be zeros.
  constexpr int64_t kMostGrid = 6;
  const LineAxis rows = LineAxis::rowsOf(shape), columns = LineAxis::columnsOf(shape);
  const int64_t grid = (rows.output + rows.after()) * (columns.output + columns.after());
  return grid > kMostGrid * rows.output * columns.output ? nullptr : lineLoops();
}

size_t lineGradientScratchBytes(const ConvShape& shape, const Parallel& parallel) {
  return bytesOf<Workspace>(Plan(shape), parallel.threads());
}

void lineGradient(const ConvShape& shape, MultiplyLines multiply, const Values& x, const Values& dy, float* dKernel,
                  void* scratch, Parallel& parallel) {
  const Plan plan(shape);
  const auto memory = layOut<Workspace>(scratch, plan, parallel.threads());
  if (plan.shape.images == 0) return std::fill(dKernel, dKernel + plan.slabs.values, 0.0f);
  sumSlabs(plan.slabs, memory.sums, dKernel, parallel, [&](int64_t slab, int thread, float* sums, Parallel& threads) {
    const Operands operands{memory, memory.x.of(thread), memory.dy.of(thread), thread};
    const int64_t first = slab * plan.slabs.slabImages;
    const int64_t end = std::min(plan.shape.images, first + plan.slabs.slabImages);
    for (int64_t image = first; image < end; image += plan.chunkImages)
      for (int64_t row = 0; row < plan.rows.output; row += plan.chunkRows) {
        const GradientChunk chunk{image, std::min(plan.chunkImages, end - image), row,
                                  std::min(plan.chunkRows, plan.rows.output - row)};
        packChunk(plan, chunk, x, dy, operands, threads);
        addChunk(plan, chunk, operands, image == first && row == 0, sums, multiply, threads);
      }
  });
}

}  // namespace qprune
