"""Runs ONNX files in onnxruntime: python run_onnx.py FOLDER

For each CASE.onnx the images are CASE.images.f32, [n, channels, height, width]; writes CASE.logits.f32.
"""

import pathlib
import sys

import numpy
import onnxruntime

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    images = session.get_inputs()[0]
    values = numpy.fromfile(path.with_suffix(".images.f32"), numpy.float32).reshape(-1, *images.shape[1:])
    (logits,) = session.run(None, {images.name: values})
    logits.astype(numpy.float32).tofile(path.with_suffix(".logits.f32"))
