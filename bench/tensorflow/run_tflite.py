"""python run_tflite.py FOLDER FILE[=TENSOR]...: runs .tflite files in LiteRT on a random image, and writes copies of them with the
image and the values of an output or TENSOR for ../import-logits.js. Needs ai-edge-litert."""

import pathlib
import shutil
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for argument in sys.argv[2:]:
    path, _, until = argument.partition("=")
    name = pathlib.Path(path).stem.replace("_", "-")
    interpreter = Interpreter(path, experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    [given] = interpreter.get_input_details()
    image = np.random.default_rng(2).uniform(0, 1, given["shape"]).astype("float32")
    interpreter.set_tensor(given["index"], image)
    interpreter.invoke()
    tensors = interpreter.get_tensor_details() if until else interpreter.get_output_details()
    [index] = [each["index"] for each in tensors if until in ("", each["name"])]
    shutil.copy(path, folder / f"{name}.tflite")
    image.tofile(folder / f"{name}.input.f32")
    interpreter.get_tensor(index).astype("float32").tofile(folder / f"{name}.tflite.logits.f32")
    if until:
        (folder / f"{name}.tflite.until").write_text(until)
