"""Keras 3 on PyTorch, without TensorFlow: cepstra as in librosa → convolutional network → ONNX by model.export."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import onnx

from labelled_speech import arguments, held_out, read_speech
from model_folder import calibrated, fitted_temperature, label_and_compare, window_seconds, write_card

KIND = "probabilities"
EPOCHS = 30


def main() -> None:
    keras.utils.set_random_seed(1)
    terms = arguments(__doc__)
    speech = read_speech(terms.speech, "librosa-mfcc-40", terms.out / "features")
    kept_out, rule = held_out(speech)

    # Frames of a whole window by librosa's rule: 1 + ⌊samples / hop⌋.
    front_end = speech.front_end
    samples = round(window_seconds(speech) * front_end["sampleRateHz"])
    frames = 1 + samples // front_end["frame"]["hopSamples"]
    x, y = np.stack([padded(matrix, frames) for matrix in speech.features]), speech.targets
    model = network(x[~kept_out], len(speech.classes))
    model.compile(keras.optimizers.AdamW(3e-3), "sparse_categorical_crossentropy")
    model.fit(x[~kept_out], y[~kept_out], epochs=EPOCHS, batch_size=16, verbose=0)
    raw = model.predict(x, verbose=0)
    temperature = fitted_temperature(raw[kept_out], KIND, y[kept_out])

    folder = terms.out / "model"
    folder.mkdir(parents=True, exist_ok=True)
    model.export(folder / "model.onnx", format="onnx", verbose=False)
    card = {
        "name": "example-keras",
        "description": "Two convolutions over 40 cepstra, by Keras",
        "family": "matrix",
        # librosa's frames reach over the ends of an utterance, so each window is an utterance of its own.
        "window": {"scope": "window", "padValue": 0},
        "input": {"name": "mfcc", "axes": ["batch", "frames", "columns"], "frames": frames},
        "output": {"name": output_name(folder), "kind": KIND},
        "calibration": {"temperature": temperature, "fittedOn": rule},
    }
    write_card(folder, speech, terms, card)
    label_and_compare(terms, speech, calibrated(raw, KIND, temperature), kept_out)


def network(x: np.ndarray, classes: int) -> keras.Model:
    """Recordings × frames × columns → recordings × classes; standardisation is a layer, so it is in the graph."""
    standardise = keras.layers.Normalization(axis=-1)
    standardise.adapt(x)
    return keras.Sequential(
        [
            keras.Input(x.shape[1:], name="mfcc"),
            standardise,
            keras.layers.Conv1D(64, 5, padding="same"),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
            keras.layers.MaxPooling1D(4),
            keras.layers.Conv1D(64, 5, padding="same"),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )


def output_name(folder: Path) -> str:
    """The exporter numbers it."""
    return str(onnx.load(folder / "model.onnx").graph.output[0].name)


def padded(matrix: np.ndarray, frames: int) -> np.ndarray:
    return np.pad(matrix[:frames], ((0, max(0, frames - len(matrix))), (0, 0)))


if __name__ == "__main__":
    main()
