// Attributes, inputs, outputs, scratch memory and registration through TensorFlow's C interface.
#include "op-kit.h"

#include <cstdio>
#include <cstdlib>

#include "../kernels/scratch.h"
#include "process-memory.h"

namespace qprune {
namespace {

constexpr std::align_val_t kAlignment{kScratchAlignment};

// The package contains both the op definitions and their callers in TypeScript, so a mismatch is a bug of the package:
// it ends the process with the reason instead of computing nonsense.
void must(const TF_Status* status, const char* what) {
  if (TF_GetCode(status) == TF_OK) return;
  std::fprintf(stderr, "qprune native op: %s: %s\n", what, TF_Message(status));
  std::abort();
}

struct StoredAs {
  Storage storage;
  TF_DataType type;
};

constexpr StoredAs kStoredAs[] = {{Storage::float32, TF_FLOAT},
                                  {Storage::bf16, TF_BFLOAT16},
                                  {Storage::codes, TF_UINT8},
                                  {Storage::signedCodes, TF_INT8}};

Storage storageOf(TF_DataType type) {
  for (const StoredAs& as : kStoredAs)
    if (as.type == type) return as.storage;
  return Storage::float32;
}

TF_DataType typeOf(Storage storage) {
  for (const StoredAs& as : kStoredAs)
    if (as.storage == storage) return as.type;
  return TF_FLOAT;
}

struct Status {
  TF_Status* s = TF_NewStatus();
  ~Status() { TF_DeleteStatus(s); }
};

}  // namespace

int64_t elementCount(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t side : shape) count *= side;
  return count;
}

int64_t Attributes::integer(const char* name) const {
  Status status;
  int64_t value = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction_, name, &value, status.s);
  must(status.s, name);
  return value;
}

void Attributes::readIntegers(const char* name, int64_t* values, int count) const {
  Status status;
  TF_OpKernelConstruction_GetAttrInt64List(construction_, name, values, count, status.s);
  must(status.s, name);
}

float Attributes::real(const char* name) const {
  Status status;
  float value = 0;
  TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status.s);
  must(status.s, name);
  return value;
}

std::string Attributes::text(const char* name) const {
  Status status;
  int32_t listSize = 0, bytes = 0;
  TF_OpKernelConstruction_GetAttrSize(construction_, name, &listSize, &bytes, status.s);
  must(status.s, name);
  std::string value(bytes, '\0');
  TF_OpKernelConstruction_GetAttrString(construction_, name, &value[0], value.size(), status.s);
  must(status.s, name);
  return value;
}

Storage Attributes::storage(const char* name) const {
  Status status;
  TF_DataType type = TF_FLOAT;
  TF_OpKernelConstruction_GetAttrType(construction_, name, &type, status.s);
  must(status.s, name);
  return storageOf(type);
}

Run::~Run() {
  for (TF_Tensor* tensor : inputs_)
    if (tensor != nullptr) TF_DeleteTensor(tensor);
  for (TF_Tensor* tensor : outputs_) TF_DeleteTensor(tensor);
  for (void* block : blocks_) operator delete(block, kAlignment);
}

TF_Tensor* Run::tensor(int index) {
  if (inputs_.size() <= static_cast<size_t>(index)) inputs_.resize(index + 1, nullptr);
  if (inputs_[index] == nullptr) {
    Status status;
    TF_GetInput(context_, index, &inputs_[index], status.s);
    must(status.s, "input");
  }
  return inputs_[index];
}

Shape Run::shape(int index) {
  const TF_Tensor* t = tensor(index);
  Shape shape(TF_NumDims(t));
  for (size_t axis = 0; axis < shape.size(); axis++) shape[axis] = TF_Dim(t, static_cast<int>(axis));
  return shape;
}

Values Run::values(int index, float levels) {
  TF_Tensor* t = tensor(index);
  return {TF_TensorData(t), storageOf(TF_TensorType(t)), levels};
}

Results Run::results(int index, const Shape& shape, Storage storage, float levels) {
  return {allocate(index, shape, qprune::typeOf(storage), bytesOf(storage)), storage, levels};
}

void* Run::allocate(int index, const Shape& shape, TF_DataType type, size_t elementBytes) {
  Status status;
  TF_Tensor* t = TF_AllocateOutput(context_, index, type, shape.data(), static_cast<int>(shape.size()),
                                   elementCount(shape) * elementBytes, status.s);
  if (TF_GetCode(status.s) == TF_RESOURCE_EXHAUSTED) throw std::bad_alloc();
  must(status.s, "output");
  outputs_.push_back(t);
  void* data = TF_TensorData(t);
  useLargePages(data, TF_TensorByteSize(t));
  return data;
}

void* Run::scratch(size_t bytes) {
  blocks_.reserve(blocks_.size() + 1);
  blocks_.push_back(operator new(bytes, kAlignment));
  useLargePages(blocks_.back(), bytes);
  return blocks_.back();
}

void failForMemory(TF_OpKernelContext* context) {
  Status status;
  TF_SetStatus(status.s, TF_RESOURCE_EXHAUSTED, "OOM when allocating in a native op of qprune");
  TF_OpKernelContext_Failure(context, status.s);
}

void fail(TF_OpKernelContext* context, const char* message) {
  Status status;
  TF_SetStatus(status.s, TF_UNAVAILABLE, message);
  TF_OpKernelContext_Failure(context, status.s);
}

void registerOpAndKernel(const char* name, Names inputs, Names outputs, Names attributes,
                         void* (*create)(TF_OpKernelConstruction*),
                         void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*)) {
  Status status;
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(
      definition, [](TF_ShapeInferenceContext* context, TF_Status* s) {
        TF_ShapeInferenceContextSetUnknownShape(context, s);
      });
  TF_RegisterOpDefinition(definition, status.s);
  must(status.s, name);
  TF_KernelBuilder* kernel = TF_NewKernelBuilder(name, "CPU", create, compute, destroy);
  TF_RegisterKernelBuilder(name, kernel, status.s);
  must(status.s, name);
}

}  // namespace qprune
