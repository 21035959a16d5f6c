import type { Runtime } from "./format.js";

// Python programs: they take the paths of a model, of images [n, height, width, channels] and of outputs, both as float32, and the
// number of images; they print the name and version of their package.

const READ_IMAGES = `
import sys
import numpy
path, given, computed, count = sys.argv[1:5]
values = numpy.fromfile(given, numpy.float32)
`;

const ONNX = `${READ_IMAGES}
import onnxruntime
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
images = session.get_inputs()[0]
channels, height, width = images.shape[1:]
values = values.reshape(int(count), height, width, channels).transpose(0, 3, 1, 2).copy()
session.run(None, {images.name: values})[0].astype(numpy.float32).tofile(computed)
print("onnxruntime", onnxruntime.__version__)
`;

const QONNX = `${READ_IMAGES}
from importlib.metadata import version
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes
model = ModelWrapper(path)
for value in (model.graph.input[0], model.graph.output[0]):
    value.type.tensor_type.shape.dim[0].dim_value = 1
model = model.transform(InferShapes())
channels, height, width = model.get_tensor_shape("images")[1:]
values = values.reshape(int(count), 1, height, width, channels).transpose(0, 1, 4, 2, 3)
outputs = [execute_onnx(model, {"images": each.copy()})["logits"] for each in values]
numpy.concatenate(outputs).astype(numpy.float32).tofile(computed)
print("qonnx", version("qonnx"))
`;

const LITERT = `${READ_IMAGES}
from importlib.metadata import version
from ai_edge_litert.interpreter import Interpreter
interpreter = Interpreter(path)
interpreter.allocate_tensors()
image, logits = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
outputs = []
for each in values.reshape(int(count), *image["shape"]):
    interpreter.set_tensor(image["index"], each)
    interpreter.invoke()
    outputs.append(interpreter.get_tensor(logits["index"]).copy())
numpy.concatenate(outputs).astype(numpy.float32).tofile(computed)
print("ai-edge-litert", version("ai-edge-litert"))
`;

/** The program that runs a file in each runtime, and the package of PyPI that it needs. */
export const RUNTIME_SCRIPTS: Readonly<
  Record<Runtime, { readonly script: string; readonly packageName: string }>
> = {
  litert: { script: LITERT, packageName: "ai-edge-litert" },
  onnxruntime: { script: ONNX, packageName: "onnxruntime" },
  qonnx: { script: QONNX, packageName: "qonnx" },
};
