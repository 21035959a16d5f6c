"""Exports torchvision's nets with random weights as ONNX files, and what onnxruntime computes with them.

    python export_torchvision.py FOLDER [--side PIXELS] [--exporter script|dynamo] [NAME ...]

Each net is written by both exporters of torch.onnx or by one, NAME_script.onnx and NAME_dynamo.onnx, together with
NAME.input.f32 (images [2, 3, 224, 224], or of another side) and NAME_*.logits.f32 (logits [2, 1000]).
"""

import argparse
import pathlib
import warnings

import numpy
import onnxruntime
import torch
import torchvision

NETS = [
    "resnet18",
    "resnet50",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "mobilenet_v3_large",
    "shufflenet_v2_x1_0",
    "densenet121",
    "squeezenet1_1",
    "efficientnet_b0",
    "regnet_y_400mf",
    "mnasnet1_0",
    "googlenet",
]

EXPORTERS = ["script", "dynamo"]


def randomize(net):
    """Statistics as after training, so that norms matter and values stay in range."""
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
            torch.nn.init.normal_(module.running_mean, 0, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)


def export(net, images, path, dynamo):
    options = {"external_data": False} if dynamo else {"do_constant_folding": True}
    batch = {"dynamic_shapes": ({0: torch.export.Dim("batch")},)} if dynamo else {"dynamic_axes": {"x": {0: "batch"}}}
    torch.onnx.export(net, (images,), str(path), dynamo=dynamo, input_names=["x"], **options, **batch)


def main(folder, side, exporters, names):
    warnings.filterwarnings("ignore")
    for name in names or NETS:
        torch.manual_seed(1)
        options = {"init_weights": True} if name == "googlenet" else {}
        net = getattr(torchvision.models, name)(weights=None, **options).eval()
        randomize(net)
        images = torch.randn(2, 3, side, side)
        images.numpy().tofile(folder / f"{name}.input.f32")
        for kind in exporters:
            path = folder / f"{name}_{kind}.onnx"
            export(net, images, path, kind == "dynamo")
            session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            (logits,) = session.run(None, {session.get_inputs()[0].name: images.numpy()})
            logits.astype(numpy.float32).tofile(folder / f"{name}_{kind}.logits.f32")
            print(path.name, path.stat().st_size, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--exporter", choices=EXPORTERS, action="append", dest="exporters")
    parser.add_argument("names", nargs="*")
    options = parser.parse_intermixed_args()
    main(options.folder, options.side, options.exporters or EXPORTERS, options.names)
