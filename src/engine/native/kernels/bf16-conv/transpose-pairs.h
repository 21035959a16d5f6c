// Tables of pairs, with rows and columns exchanged.
#pragma once

#include <cstdint>

namespace qprune {

constexpr int64_t kTransposedRows = 16;

// to[column * toStep + row] = from[row * fromStep + column] for 16 rows and the first `columns` columns. 16 columns are read.
void transposePairs(const uint32_t* from, int64_t fromStep, int64_t columns, uint32_t* to, int64_t toStep);

}  // namespace qprune
