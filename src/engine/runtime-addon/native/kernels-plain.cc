// The kernels for any processor.
#define QPRUNE_TARGET_NAME plain
#define QPRUNE_TARGET_TEXT "plain C++"
#include "plain.h"
#include "plan-kernels.h"

namespace qprune {
const PlanKernels* kernelsPlain() { return &plain::kKernels; }
}  // namespace qprune
