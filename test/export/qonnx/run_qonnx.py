"""Runs ONNX files with QONNX's operators in the package qonnx: python run_qonnx.py FOLDER

For each CASE.onnx the image is CASE.images.f32, [1, channels, height, width]; writes CASE.logits.f32.
"""

import pathlib
import sys

import numpy
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    model = ModelWrapper(str(path))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 1
    model = model.transform(InferShapes())
    shape = [1, *model.get_tensor_shape("images")[1:]]
    values = numpy.fromfile(path.with_suffix(".images.f32"), numpy.float32).reshape(shape)
    logits = execute_onnx(model, {"images": values})["logits"]
    logits.astype(numpy.float32).tofile(path.with_suffix(".logits.f32"))
