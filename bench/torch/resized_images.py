"""Resizes a drawn image with Pillow and torchvision, for the tests of qprune's own resizing.

Needs Pillow and torchvision: resized_images.py > test/data/resizing/resized-images.json
"""

import base64
import json

from PIL import Image
from torchvision import transforms

MODES = {
    "bilinear": transforms.InterpolationMode.BILINEAR,
    "bicubic": transforms.InterpolationMode.BICUBIC,
}
# Widths and heights before and after. Pillow 13 starts with the height where that shrinks by the larger factor, and
# earlier versions never do; these sizes are the same in all versions.
RESIZES = [
    ((19, 13), (7, 5)),
    ((19, 13), (31, 40)),
    ((19, 13), (40, 13)),
    ((16, 21), (16, 8)),
    ((32, 32), (24, 24)),
    ((5, 5), (24, 24)),
    ((19, 13), (1, 1)),
]
# Width and height, the shorter side after scaling, and the side of the crop.
CROPS = [((29, 40), 18, 15), ((41, 30), 16, 12), ((12, 15), 20, 17)]


def drawn(width, height):
    """Smooth parts, and a fine pattern of full contrast."""
    values = bytearray()
    for y in range(height):
        for x in range(width):
            for channel in range(3):
                is_fine = (x // 5 + y // 4) % 3 == 0
                fine = 255 * ((x + y + channel) % 2)
                smooth = (x * x * (3 + channel) + y * y * 7 + x * y * 5 + 50 * channel) // 3 % 256
                values.append(fine if is_fine else smooth)
    return Image.frombytes("RGB", (width, height), bytes(values))


def encoded(image):
    return base64.b64encode(image.tobytes()).decode()


def resized(size, to, name):
    image = drawn(*size).resize(to, getattr(Image.Resampling, name.upper()))
    return {"from": size, "to": to, "interpolation": name, "bytes": encoded(image)}


def cropped(size, side, crop, name):
    prepare = transforms.Compose(
        [transforms.Resize(side, MODES[name]), transforms.CenterCrop(crop)]
    )
    return {
        "from": size,
        "resizedSide": side,
        "side": crop,
        "interpolation": name,
        "bytes": encoded(prepare(drawn(*size))),
    }


if __name__ == "__main__":
    cases = {
        "resized": [resized(*sizes, name) for sizes in RESIZES for name in MODES],
        "cropped": [cropped(*sizes, name) for sizes in CROPS for name in MODES],
    }
    print(json.dumps(cases, indent=1))
