"""svm-stats: statistics of a recording, scaler, selection, principal components, support vectors, in one graph.

The classic among the reference systems: 200 values, ANOVA filter, PCA, RBF kernel. Statistics of energies are taken in
nepers. The machine's scores (one against the rest, from its votes of one against one) are the logits: the temperature
makes probabilities of them.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectFpr, VarianceThreshold, f_classif
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor

from ..calibrate import softmax
from ..classes import SEVEN
from ..features import Floats, Ints
from ..graph_input import GraphInput
from ..onnx_file import save
from ..recipe import Model, Recipe, TrainingSet, Watch
from ..windows import Window

Flags = npt.NDArray[np.bool_]

OPSET = 17
ENERGIES = ("energy_m", "energy_std", "energy_p", "spectral_flux")
"""Beginnings of columns in the squares of amplitudes, and of flux, which spans as many decades."""
SMALLEST_ENERGY = 1e-9


@dataclass
class SvmModel:
    """A fitted machine."""

    pipeline: Pipeline
    energies: Flags
    """[columns]: which are statistics of energies."""
    input_name: str

    @property
    def parameters(self) -> int:
        machine, components = self.pipeline["svm"], self.pipeline["components"]
        return int(sum(a.size for a in (machine.support_vectors_, machine.dual_coef_, components.components_)))

    def outputs(self, inputs: Tensor) -> Floats:
        values = in_nepers(inputs.numpy().astype(np.float64), self.energies)
        return np.asarray(self.pipeline.decision_function(values))

    def export(self, path: Path, example: Tensor) -> None:
        options = {id(self.pipeline): {"raw_scores": True, "zipmap": False}}
        with warnings.catch_warnings():
            # The converter asks for attributes of the machine that scikit-learn is about to drop.
            warnings.simplefilter("ignore", FutureWarning)
            graph = to_onnx(self.pipeline, example.numpy(), options=options, target_opset={"": OPSET, "ai.onnx.ml": 3})
        _put_nepers_before(graph.graph, self.energies, self.input_name)
        _keep_only_scores(graph.graph, len(self.pipeline.classes_))
        save(graph, path)


def in_nepers(values: Floats, energies: Flags) -> Floats:
    """[recordings, columns]: statistics of energies as logarithms of their amounts, the others as they are."""
    return np.where(energies, np.log(np.abs(values) + SMALLEST_ENERGY), values)


def _put_nepers_before(body: onnx.GraphProto, energies: Flags, name: str) -> None:
    """in_nepers before the first node; the graph's input gets a name."""
    old, nepers = body.input[0].name, "in_nepers"
    for node in body.node:
        for place, each in enumerate(node.input):
            if each == old:
                node.input[place] = nepers
    body.input[0].name = name
    body.initializer.append(numpy_helper.from_array(energies, "energies"))
    body.initializer.append(numpy_helper.from_array(np.float32(SMALLEST_ENERGY).reshape(1), "smallest_energy"))
    steps = [
        helper.make_node("Abs", [name], ["amounts"]),
        helper.make_node("Add", ["amounts", "smallest_energy"], ["above_zero"]),
        helper.make_node("Log", ["above_zero"], ["logarithms"]),
        helper.make_node("Where", ["energies", "logarithms", name], [nepers]),
    ]
    for place, step in enumerate(steps):
        body.node.insert(place, step)


def _keep_only_scores(body: onnx.GraphProto, classes: int) -> None:
    """The graph's only output: logits [batch, classes]."""
    body.node.append(helper.make_node("Identity", [body.output[1].name], ["logits"]))
    del body.output[:]
    body.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes]))


@dataclass(frozen=True)
class SvmLearner:
    """Settings of the pipeline."""

    penalty: float = 10.0
    """C of the machine."""
    gamma: float = 0.007
    """Of the kernel exp(−γ·d²), over whitened components."""
    components: int = 140
    """At most: of fewer columns that are left, all."""
    largest_p: float = 0.01
    """Columns whose ANOVA F-test is less significant than this are left out."""

    def fit(self, training: TrainingSet, seed: int, watch: Watch) -> Model:
        energies = np.asarray([name.startswith(ENERGIES) for name in training.columns])
        values = in_nepers(np.concatenate([r.values for r in training.recordings]).astype(np.float64), energies)
        pipeline = self._fit(values, training.targets, training.weights)
        model = SvmModel(pipeline, energies, training.input.name)
        scores = softmax(np.asarray(pipeline.decision_function(values)))
        loss = log_loss(training.targets, scores, sample_weight=training.weights)
        watch(1, 0.0, float(loss), model)
        return model

    def _fit(self, values: Floats, targets: Ints, weights: Floats) -> Pipeline:
        preparation = Pipeline(
            [
                ("varying", VarianceThreshold()),
                ("scaler", StandardScaler()),
                ("selection", SelectFpr(f_classif, alpha=self.largest_p)),
            ]
        )
        selected = preparation.fit_transform(values, targets).shape[1]
        steps = [
            *preparation.steps,
            ("components", PCA(min(self.components, selected), svd_solver="full")),
            ("svm", SVC(C=self.penalty, gamma=self.gamma, decision_function_shape="ovr")),
        ]
        return Pipeline(steps).fit(values, targets, svm__sample_weight=_balanced(targets, weights))


def _balanced(targets: Ints, weights: Floats) -> Floats:
    """Sample weights under which every class has the same sum, 1 on average."""
    sums = np.bincount(targets, weights)
    return np.asarray(weights / sums[targets] * len(targets) / np.count_nonzero(sums))


RECIPE = Recipe(
    name="svm-stats",
    version="0.1.0",
    description="RBF SVM on 200 statistics of short-term descriptors and cepstra, seven emotions",
    features="reference-200",
    window=Window(6.0, 3.0, "window"),
    input=GraphInput("statistics", ("batch", "columns")),
    output="logits",
    classes=SEVEN,
    learner=SvmLearner(),
    corpus_weight={"ravdess": 1.0},
)
