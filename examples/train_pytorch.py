"""PyTorch: log-mel frames → small convolutional network → ONNX by torch.onnx.export."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from labelled_speech import arguments, held_out, read_speech
from model_folder import calibrated, fitted_temperature, label_and_compare, window_seconds, write_card

KIND = "logits"
EPOCHS = 30


class Network(nn.Module):
    """Batch × frames × columns, standardised → batch × classes, logits."""

    def __init__(self, columns: int, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(columns, 64, 5, padding=2),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.MaxPool1d(4),
            nn.Conv1d(64, 64, 5, padding=2),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(64, classes),
        )

    def forward(self, logmel: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.layers(logmel.transpose(1, 2)))


def main() -> None:
    torch.manual_seed(1)
    terms = arguments(__doc__)
    speech = read_speech(terms.speech, "undertone-logmel-64", terms.out / "features")
    kept_out, rule = held_out(speech)

    front_end = speech.front_end
    hop_s = front_end["frame"]["hopSamples"] / front_end["sampleRateHz"]
    frames = round(window_seconds(speech) / hop_s)
    # A band without any power: what silence looks like.
    silence = math.log(front_end["log"]["floor"])
    learnt = np.concatenate([matrix for matrix, out in zip(speech.features, kept_out, strict=True) if not out])
    mean, scale = learnt.mean(axis=0), learnt.std(axis=0)
    x = np.stack([(padded(matrix, frames, silence) - mean) / scale for matrix in speech.features])
    network = trained(x[~kept_out], speech.targets[~kept_out], len(speech.classes))
    with torch.no_grad():
        raw = network(torch.from_numpy(x)).numpy()
    temperature = fitted_temperature(raw[kept_out], KIND, speech.targets[kept_out])

    folder = terms.out / "model"
    folder.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        network,
        (torch.from_numpy(x[:2]),),
        folder / "model.onnx",
        input_names=["logmel"],
        output_names=["logits"],
        # The batch is left open; weights stay in the one file that the card's digest covers.
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        external_data=False,
        verbose=False,
    )
    card = {
        "name": "example-pytorch",
        "description": "Two convolutions over 64 log-mel bands, by PyTorch",
        "family": "matrix",
        # Frames of these settings depend on nothing but their own samples, so they are computed once along a recording.
        "window": {"scope": "recording", "padValue": silence},
        "input": {"name": "logmel", "axes": ["batch", "frames", "columns"], "frames": frames},
        "output": {"name": "logits", "kind": KIND},
        "scaler": {"mean": mean.tolist(), "scale": scale.tolist()},
        "calibration": {"temperature": temperature, "fittedOn": rule},
    }
    write_card(folder, speech, terms, card)
    label_and_compare(terms, speech, calibrated(raw, KIND, temperature), kept_out)


def padded(matrix: np.ndarray, frames: int, value: float) -> np.ndarray:
    lacking = max(0, frames - len(matrix))
    return np.pad(matrix[:frames], ((0, lacking), (0, 0)), constant_values=value)


def trained(x: np.ndarray, y: np.ndarray, classes: int) -> Network:
    network = Network(x.shape[2], classes)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(EPOCHS):
        for batch in torch.split(torch.randperm(len(x)), 16):
            # Batch normalisation needs two.
            if len(batch) < 2:
                continue
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(inputs[batch]), targets[batch])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return network.eval()


if __name__ == "__main__":
    main()
