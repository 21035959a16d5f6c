"""Runs .tflite files in LiteRT: python run_tflite.py FOLDER

For each CASE.tflite the image is CASE.image.f32, [1, height, width, channels]; writes CASE.logits.f32.
"""

import pathlib
import sys

import numpy
from ai_edge_litert.interpreter import Interpreter

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.tflite")):
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    [image], [logits] = interpreter.get_input_details(), interpreter.get_output_details()
    values = numpy.fromfile(path.with_suffix(".image.f32"), numpy.float32)
    interpreter.set_tensor(image["index"], values.reshape(image["shape"]))
    interpreter.invoke()
    interpreter.get_tensor(logits["index"]).astype(numpy.float32).tofile(path.with_suffix(".logits.f32"))
