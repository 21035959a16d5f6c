// Sums of values, and values in another storage.
#pragma once

#include "bf16/stored-values.h"
#include "threads/parallel.h"

namespace qprune {

// y = a + b. Each: [count].
void addValues(const Values& a, const Values& b, const Results& y, int64_t count, Parallel& parallel);

// y = x. Each: [count].
void copyValues(const Values& x, const Results& y, int64_t count, Parallel& parallel);

}  // namespace qprune
