"""Runs int8 .tflite files in LiteRT and keeps all codes: python run_int8.py FOLDER

For each CASE.tflite the image is CASE.image.f32, [1, height, width, channels]. Writes CASE.RESOLVER.json for LiteRT's reference
kernels ("reference"), its fast kernels ("fast") and XNNPACK ("delegate"): codes of int8 tensors by their names, and the output.
"""

import json
import pathlib
import sys

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = {
    "reference": OpResolverType.BUILTIN_REF,
    "fast": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    "delegate": OpResolverType.AUTO,
}

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.tflite")):
    for name, resolver in RESOLVERS.items():
        interpreter = Interpreter(
            str(path),
            experimental_op_resolver_type=resolver,
            # XNNPACK keeps its values to itself.
            experimental_preserve_all_tensors=name != "delegate",
        )
        interpreter.allocate_tensors()
        [image], [logits] = interpreter.get_input_details(), interpreter.get_output_details()
        values = numpy.fromfile(path.with_suffix(".image.f32"), numpy.float32)
        interpreter.set_tensor(image["index"], values.reshape(image["shape"]))
        interpreter.invoke()
        codes = {}
        if name != "delegate":
            for tensor in interpreter.get_tensor_details():
                if tensor["dtype"] == numpy.int8 and tensor["name"]:
                    codes[tensor["name"]] = interpreter.get_tensor(tensor["index"]).flatten().tolist()
        output = interpreter.get_tensor(logits["index"]).flatten().tolist()
        path.with_suffix(f".{name}.json").write_text(json.dumps({"codes": codes, "output": output}))
