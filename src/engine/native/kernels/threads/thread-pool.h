// Parallel on a pool of threads that lasts as long as the process.
#pragma once

#include "parallel.h"

namespace qprune {

// The process's pool: QPRUNE_THREADS threads where that is set, else one for each core; at most 64.
Parallel& threadPool();

}  // namespace qprune
