// Rows of floats, rounded to bfloat16.
#pragma once

#include <cstdint>

#include "bf16.h"

namespace qprune {

// to[i] = from[i]. Subnormal numbers may become 0, as the products of bfloat16 take them.
void roundRow(const float* from, int64_t count, Bf16* to);

// pairs[i] = (low[i], high[i]); null operands are zeros.
void roundPairs(const float* low, const float* high, int64_t count, uint32_t* pairs);

// The same for several pairs of rows: those of pair i are rows[2 i] and rows[2 i + 1], and it is written to pairs + i step.
void roundPairRows(const float* const* rows, int64_t count, int64_t values, uint32_t* pairs, int64_t step);

}  // namespace qprune
