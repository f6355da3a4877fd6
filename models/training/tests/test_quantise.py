"""The int8 variant: which layers become integers, that it says what the model says, and whole folders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from quantise.graph import integer_nodes, quantise
from quantise.trainings import make_variant
from train.errors import TrainError
from train.features import load
from train.golden import values_of
from train.make import make
from train.onnx_file import run, session
from train.trainings import Material, make_material

from .corpus import write_features, write_labels
from .small import SMALL


def quiet(_: str) -> None:
    return None


def material_of(folder: Path) -> Material:
    labels = write_labels(folder)
    write_features(labels, folder / "features", 64, frames=True)
    return make_material(SMALL["undertone-s"].recipe, load([labels], folder / "features"))


def test_the_variant_says_what_the_model_says(tmp_path: Path) -> None:
    material = material_of(tmp_path)
    make(material, tmp_path / "float", tmp_path / "float-out", quiet)
    out = tmp_path / "out"
    make_variant(material, tmp_path / "float", tmp_path / "int8", out, quiet)
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    assert card["name"] == "undertone-s-int8"
    assert card["training"]["quantised"].startswith("int8, calibrated on ")
    golden = json.loads((out / "golden.json").read_text(encoding="utf-8"))
    assert golden["tolerance"] == 0.1
    runtime = session(out / "model.onnx")
    for case in golden["cases"]:
        assert run(runtime, values_of(case["input"])).ravel() == pytest.approx(case["output"], abs=1e-4)
    for name in ("fold-1", "shipped"):
        logits = [
            np.load(tmp_path / kind / "trainings" / name / "held_out.npz")["logits"] for kind in ("float", "int8")
        ]
        assert 0.0 < np.abs(logits[0] - logits[1]).max() < 0.2 * np.ptp(logits[0])

    # The layer that reads the features and the one after it stay in float32; all others have 7-bit weights.
    graph = onnx.load(str(tmp_path / "float/trainings/shipped/model.onnx")).graph
    convolutions = [node.name for node in graph.node if node.op_type == "Conv"]
    assert [name for name in convolutions if name not in integer_nodes(graph)] == convolutions[:2]
    quantised = onnx.load(str(out / "model.onnx")).graph
    weights = [onnx.numpy_helper.to_array(t) for t in quantised.initializer if t.data_type == onnx.TensorProto.INT8]
    kernels = [w for w in weights if w.ndim == 4]
    assert len(kernels) == len(convolutions) - 2
    assert max(int(np.abs(kernel.astype(int)).max()) for kernel in kernels) <= 64


def test_what_cannot_be_quantised_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"Expected a finished training in .*fold-1 but found none: python -m train"):
        make_variant(material_of(tmp_path), tmp_path / "float", tmp_path / "int8", tmp_path / "out", quiet)
    ports = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", 3]) for name in ("features", "logits")
    ]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["features"], ["logits"])], "g", ports[:1], ports[1:])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)]), str(tmp_path / "a.onnx"))
    with pytest.raises(TrainError, match=r"Expected convolutions behind the first layers of .*a\.onnx but found none"):
        quantise(tmp_path / "a.onnx", tmp_path / "b.onnx", [])
