"""CIFAR-10 from its official binary files, cropped, flipped and normalised a sample at a time."""

from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

RECORD_BYTES = 3073
PAD = 4
MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(3, 1, 1)
STD = torch.tensor([0.2023, 0.1994, 0.2010]).view(3, 1, 1)
TRAIN_FILES = [f"data_batch_{number}.bin" for number in range(1, 6)]
TEST_FILES = ["test_batch.bin"]


class Cifar10(Dataset):
    """Items are a normalised float image [3, 32, 32] and its label."""

    def __init__(self, folder, train, limit=None):
        names = TRAIN_FILES if train else TEST_FILES
        records = np.concatenate(
            [np.fromfile(Path(folder) / name, np.uint8).reshape(-1, RECORD_BYTES) for name in names]
        )[:limit]
        self.labels = records[:, 0].astype(np.int64)
        self.images = records[:, 1:].reshape(-1, 3, 32, 32)
        self.train = train

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index]
        if self.train:
            image = random_flip(random_crop(image))
        scaled = torch.from_numpy(np.ascontiguousarray(image)).float().div(255)
        return scaled.sub_(MEAN).div_(STD), self.labels[index]


def random_crop(image):
    """A crop of the same size from the image with a black rim."""
    _, height, width = image.shape
    padded = np.pad(image, ((0, 0), (PAD, PAD), (PAD, PAD)))
    top, left = torch.randint(0, 2 * PAD + 1, (2,)).tolist()
    return padded[:, top : top + height, left : left + width]


def random_flip(image):
    return image[:, :, ::-1] if torch.rand(1).item() < 0.5 else image
