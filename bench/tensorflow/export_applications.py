"""python export_applications.py FOLDER [NET...]: writes nets of keras.applications with random weights as .keras (Keras 3), .h5,
TensorFlow.js layers models, frozen graphs and .tflite (Keras 2), with images and logits for ../import-logits.js.

Needs tensorflow, keras 3, tf_keras and tensorflowjs, as test/import/keras/fixtures/make.py does.
"""

import os
import pathlib
import sys
from unittest.mock import MagicMock

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
for unused in ["tensorflow_decision_forests", "jax", "jax.experimental", "jax.experimental.jax2tf", "flax"]:
    sys.modules[unused] = MagicMock()

import keras as keras3
import numpy as np
import tensorflow as tf
import tensorflowjs as tfjs
import tf_keras as keras2

SIDE = 128
NETS = [
    "MobileNet",
    "MobileNetV2",
    "MobileNetV3Small",
    "ResNet50",
    "ResNet50V2",
    "DenseNet121",
    "EfficientNetB0",
    "EfficientNetV2B0",
    "VGG16",
    "Xception",
    "InceptionV3",
    "NASNetMobile",
    "RegNetY002",
]


def randomize(model):
    """Norms keep the scale of activations; other statistics than 0 and 1 show whether they are used."""
    generator = np.random.default_rng(1)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.set_weights([w + generator.uniform(0, 0.2, w.shape).astype("float32") for w in layer.get_weights()])


def write(folder, name):
    images = np.random.default_rng(2).uniform(0, 1, (2, SIDE, SIDE, 3)).astype("float32")
    images.tofile(folder / f"{name}.input.f32")

    def save_logits(model, *files):
        logits = np.asarray(model(images, training=False), "float32")
        for file in files:
            logits.tofile(folder / f"{file}.logits.f32")

    options = {"weights": None, "input_shape": (SIDE, SIDE, 3), "classifier_activation": None}
    if hasattr(keras3.applications, name):
        newer = getattr(keras3.applications, name)(**options)
        randomize(newer)
        newer.save(folder / f"{name}.keras")
        save_logits(newer, f"{name}.keras")
    older = getattr(keras2.applications, name)(**options)
    randomize(older)
    older.save(folder / f"{name}.h5")
    tfjs.converters.save_keras_model(older, folder / f"{name}_layers")
    older.export(folder / f"{name}_saved")
    tfjs.converters.convert_tf_saved_model(str(folder / f"{name}_saved"), str(folder / f"{name}_graph"))
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / f"{name}_saved"))
    (folder / f"{name}.tflite").write_bytes(converter.convert())
    save_logits(older, f"{name}.h5", f"{name}_layers", f"{name}_graph", f"{name}.tflite")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or NETS:
        try:
            write(folder, name)
        except Exception as error:  # The other nets are still of use.
            print(f"{name}: {str(error)[:300]}", file=sys.stderr)


main()
