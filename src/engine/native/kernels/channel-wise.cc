// One pass over the rows; sums go block by block, as those of batch norm.
#include "channel-wise.h"

#include <algorithm>

#include "fetch-rows.h"
#include "multiversion.h"
#include "scratch.h"

namespace qprune {
namespace {

// Values of a range of rows.
constexpr int64_t kGrain = 32768;

struct Layout {
  Layout(const Rows& rows, Scratch& scratch)
      : blocks(scratch.take<float>(RowBlocks(rows).count * 2 * rows.channels)),
        sums(scratch.take<double>(2 * rows.channels)) {}
  float* blocks;  // [blocks, 2, channels]
  double* sums;   // [2, channels]
};

QPRUNE_CLONES void preluRows(const float* __restrict x, const float* __restrict slope, float* __restrict y, int64_t rows,
                             int64_t channels) {
  for (int64_t row = 0; row < rows; row++, x += channels, y += channels) {
    fetchRowAhead(x, channels);
    for (int64_t c = 0; c < channels; c++) y[c] = x[c] > 0 ? x[c] : x[c] * slope[c];
  }
}

// Of the rows of one block. `sums` takes the sums for the slope.
QPRUNE_CLONES void preluBlock(const float* __restrict dy, const float* __restrict x, const float* __restrict slope,
                              float* __restrict dx, int64_t rows, int64_t channels, float* __restrict sums) {
  std::fill(sums, sums + channels, 0.0f);
  for (int64_t row = 0; row < rows; row++, x += channels, dy += channels, dx += channels) {
    fetchRowAhead(x, channels);
    fetchRowAhead(dy, channels);
    for (int64_t c = 0; c < channels; c++) {
      const bool isAbove = x[c] > 0;
      dx[c] = dy[c] * (isAbove ? 1.0f : slope[c]);
      sums[c] += isAbove ? 0.0f : x[c] * dy[c];
    }
  }
}

// `sums` takes those for the scale and for the shift.
QPRUNE_CLONES void scaleBlock(const float* __restrict dy, const float* __restrict x, const float* __restrict scale,
                              float* __restrict dx, int64_t rows, int64_t channels, float* __restrict sums) {
  float* __restrict plain = sums + channels;
  std::fill(sums, sums + 2 * channels, 0.0f);
  for (int64_t row = 0; row < rows; row++, x += channels, dy += channels, dx += channels) {
    fetchRowAhead(x, channels);
    fetchRowAhead(dy, channels);
    for (int64_t c = 0; c < channels; c++) {
      dx[c] = dy[c] * scale[c];
      sums[c] += dy[c] * x[c];
      plain[c] += dy[c];
    }
  }
}

using Block = void (*)(const float*, const float*, const float*, float*, int64_t, int64_t, float*);

// dx, and `count` sums of each channel in totals[0] and, if there are two, totals[1].
void gradient(const Rows& rows, Block block, const float* dy, const float* x, const float* factor, float* dx, int count,
              float* const* totals, void* scratch, Parallel& parallel) {
  const RowBlocks blocks(rows);
  const int64_t channels = rows.channels;
  const auto at = layOut<Layout>(scratch, rows);
  parallelFor(parallel, blocks.count, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t first = i * blocks.rows, start = first * channels;
      block(dy + start, x + start, factor, dx + start, std::min(blocks.rows, rows.count - first), channels,
            at.blocks + i * 2 * channels);
    }
  });
  std::fill(at.sums, at.sums + count * channels, 0.0);
  for (int64_t i = 0; i < blocks.count; i++)
    for (int64_t c = 0; c < count * channels; c++) at.sums[c] += at.blocks[i * 2 * channels + c];
  for (int64_t c = 0; c < count * channels; c++) totals[c / channels][c % channels] = static_cast<float>(at.sums[c]);
}

}  // namespace

void prelu(const Rows& rows, const float* x, const float* slope, float* y, Parallel& parallel) {
  const int64_t grain = std::max<int64_t>(1, kGrain / rows.channels);
  parallelFor(parallel, rows.count, grain, [&](int64_t begin, int64_t end, int) {
    preluRows(x + begin * rows.channels, slope, y + begin * rows.channels, end - begin, rows.channels);
  });
}

size_t channelGradientScratchBytes(const Rows& rows) { return bytesOf<Layout>(rows); }

void preluGradient(const Rows& rows, const float* dy, const float* x, const float* slope, float* dx, float* dSlope,
                   void* scratch, Parallel& parallel) {
  float* const totals[] = {dSlope};
  gradient(rows, preluBlock, dy, x, slope, dx, 1, totals, scratch, parallel);
}

void scaleGradient(const Rows& rows, const float* dy, const float* x, const float* scale, float* dx, float* dScale,
                   float* dShift, void* scratch, Parallel& parallel) {
  float* const totals[] = {dScale, dShift};
  gradient(rows, scaleBlock, dy, x, scale, dx, 2, totals, scratch, parallel);
}

}  // namespace qprune
