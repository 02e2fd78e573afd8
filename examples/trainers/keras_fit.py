"""Image classification with Keras 3 and its `fit`, with PyTorch as backend."""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from keras import layers

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--learning-rate", type=float, default=0.01)
args = parser.parse_args()

keras.utils.set_random_seed(0)
labels = np.random.randint(0, 4, 512)
images = np.random.rand(512, 8, 8, 1).astype("float32")
for image, label in zip(images, labels):
    row, column = 4 * (label // 2), 4 * (label % 2)
    image[row : row + 4, column : column + 4] += 0.5

model = keras.Sequential(
    [
        layers.Input((8, 8, 1)),
        layers.Conv2D(8, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(4, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(args.learning_rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(images, labels, batch_size=args.batch_size, epochs=args.epochs, validation_split=0.2, verbose=2)
