"""python runtimes.py FOLDER RUNTIME: runs NAME.onnx or NAME.tflite of a folder in a runtime, on the images NAME.images.f32
[n, channels, height, width], and writes NAME.RUNTIME.f32 with the outputs. Used by runtimes.js."""

import importlib.util
import pathlib
import subprocess
import sys

import numpy


def onnxruntime(path, images):
    import onnxruntime as ort

    options = ort.SessionOptions()
    # Threads that wait for each other keep their processors busy.
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"images": images})[0]


def openvino(path, images, **options):
    import openvino as ov

    fixed = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    model = ov.Core().compile_model(str(path), "CPU", {**fixed, **options})
    return numpy.concatenate([model(each[None])[0] for each in images])


def openvino_floats(path, images):
    """Without the transformations that compute quantized layers with integers, whose sums are rounded differently."""
    return openvino(path, images, LP_TRANSFORMS_MODE="NO")


def litert(path, images, **options):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path.with_suffix(".tflite")), **options)
    interpreter.allocate_tensors()
    [image], [logits] = interpreter.get_input_details(), interpreter.get_output_details()
    outputs = []
    for each in images.transpose(0, 2, 3, 1):
        interpreter.set_tensor(image["index"], each[None].copy())
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(logits["index"]).copy())
    return numpy.concatenate(outputs)


def litert_reference(path, images):
    """LiteRT's kernels that define what its operators compute."""
    from ai_edge_litert.interpreter import OpResolverType

    return litert(path, images, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)


def mnn_module(path, source):
    """Converts NAME.onnx or NAME.tflite, and loads it."""
    import MNN

    converted = path.with_suffix(".mnn")
    # The converter alone: the program mnnconvert also installs a package with pip and sends statistics of its use.
    convert = "import sys, _tools; _tools.mnnconvert(sys.argv)"
    options = ["-f", source.upper(), "--modelFile", str(path.with_suffix(f".{source}")), "--MNNModel", str(converted), "--bizCode", "qprune"]
    # It leaves a file in the current folder.
    subprocess.run([sys.executable, "-c", convert, *options], check=True, capture_output=True, cwd=path.parent)
    # Without names, all inputs and outputs.
    return MNN.nn.load_module_from_file(str(converted), [], [])


def mnn(path, images):
    import MNN

    net = mnn_module(path, "onnx")
    outputs = []
    for each in images:
        value = MNN.expr.convert(MNN.expr.const(each[None].copy(), list(each[None].shape), MNN.expr.NCHW), MNN.expr.NC4HW4)
        outputs.append(numpy.array(MNN.expr.convert(net.forward(value), MNN.expr.NCHW).read()))
    return numpy.concatenate(outputs)


def mnn_tflite(path, images):
    """For nets that MNN cannot run from their ONNX model."""
    import MNN

    net = mnn_module(path, "tflite")
    outputs = []
    for each in images.transpose(0, 2, 3, 1):
        value = MNN.expr.const(each[None].copy(), list(each[None].shape), MNN.expr.NHWC)
        outputs.append(numpy.array(net.forward(value).read()).reshape(1, -1))
    return numpy.concatenate(outputs)


def ncnn(path, images):
    import ncnn as runtime

    shape = ",".join(str(side) for side in [1, *images.shape[1:]])
    # The program of the package, which runs without torch; its Python module needs it.
    tool = pathlib.Path(importlib.util.find_spec("pnnx").origin).parent / "pnnx"
    subprocess.run([str(tool), path.name, f"inputshape=[{shape}]", "fp16=0"], check=True, capture_output=True, cwd=path.parent)
    net = runtime.Net()
    net.opt.num_threads = 1
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = net.opt.use_bf16_storage = False
    stem = path.with_name(path.stem.replace("-", "_"))
    if net.load_param(f"{stem}.ncnn.param") != 0 or net.load_model(f"{stem}.ncnn.bin") != 0:
        raise RuntimeError("ncnn cannot load what pnnx has written")
    outputs = []
    for each in images:
        extractor = net.create_extractor()
        # A Mat refers to the memory of the array, which must exist until the copy is made.
        image = each.copy()
        extractor.input("in0", runtime.Mat(image).clone())
        outputs.append(numpy.array(extractor.extract("out0")[1])[None])
    return numpy.concatenate(outputs)


def qonnx(path, images, batch=50):
    """NAME.qonnx.onnx in the package that defines these operators, which runs them one by one."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    outputs = []
    for first in range(0, len(images), batch):
        part = images[first : first + batch]
        model = ModelWrapper(str(path.with_suffix(".qonnx.onnx")))
        for each in (model.graph.input[0], model.graph.output[0]):
            each.type.tensor_type.shape.dim[0].dim_value = len(part)
        outputs.append(execute_onnx(model.transform(InferShapes()), {"images": part})["logits"])
    return numpy.concatenate(outputs)


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    if ".pnnx" in path.name or ".qonnx" in path.name:
        continue
    sides = [int(side) for side in path.with_suffix(".sides").read_text().split()]
    images = numpy.fromfile(path.with_suffix(".images.f32"), numpy.float32).reshape(-1, *sides)
    run = {each.__name__: each for each in (onnxruntime, openvino, openvino_floats, litert, litert_reference, mnn, mnn_tflite, ncnn, qonnx)}[sys.argv[2]]
    try:
        run(path, images).astype(numpy.float32).tofile(path.with_suffix(f".{run.__name__}.f32"))
    except Exception as error:
        detail = getattr(error, "stderr", b"") or b""
        sys.exit(f"{path.stem} {run.__name__}: {str(error)[:200]} {detail[-300:]}")
