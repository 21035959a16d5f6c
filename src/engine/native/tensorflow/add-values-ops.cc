// QpruneAdd: y = a + b. QpruneStoreAs: x in another storage; `levels` are those of codes. See src/tensor/ops/stored-maps.ts.
#include "../kernels/add-values.h"

#include "../kernels/threads/thread-pool.h"
#include "op-kit.h"

namespace qprune {
namespace {

struct Add {
  explicit Add(const Attributes& a) : stored(a.storage("Ty")) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    addValues(run.values(0), run.values(1), run.results(0, shape, stored), elementCount(shape), threadPool());
  }
  Storage stored;
};

struct StoreAs {
  explicit StoreAs(const Attributes& a) : stored(a.storage("Ty")), levels(static_cast<float>(a.integer("levels"))) {}
  void compute(Run& run) const {
    const Shape shape = run.shape(0);
    copyValues(run.values(0, levels), run.results(0, shape, stored, levels), elementCount(shape), threadPool());
  }
  Storage stored;
  float levels;
};

const RegisterOp<Add> addOp("QpruneAdd", {"a: Ta", "b: Tb"}, {"y: Ty"},
                            {QPRUNE_MAPS("Ta"), QPRUNE_MAPS("Tb"), QPRUNE_MAPS("Ty")});
const RegisterOp<StoreAs> storeAsOp("QpruneStoreAs", {"x: Tx"}, {"y: Ty"},
                                    {QPRUNE_QUANTIZED_MAPS("Tx"), QPRUNE_QUANTIZED_MAPS("Ty"), "levels: int"});

}  // namespace
}  // namespace qprune
