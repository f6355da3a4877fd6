"""svm-stats: statistics of a recording, scaler, selection, principal components, support vectors, in one graph.

The classic system of the reference systems: 200 values, ANOVA filter, PCA, RBF kernel, classes of gender × emotion.
The scores of the joint classes become emotion logits by a multinomial logistic regression, which is Platt's scaling for
many classes; it is fitted on scores of training speakers that the machine behind them had not heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectFpr, VarianceThreshold, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor

from ..classes import SEVEN
from ..errors import TrainError
from ..features import FloatArray, Floats, Ints
from ..graph_input import GraphInput
from ..onnx_file import save
from ..recipe import Model, Recipe, TrainingSet, Watch
from ..windows import Window

OPSET = 17


@dataclass
class SvmModel:
    """A fitted machine and the regression behind it."""

    pipeline: Any
    regression: Any
    input_name: str

    @property
    def parameters(self) -> int:
        machine, components = self.pipeline["svm"], self.pipeline["components"]
        return int(sum(a.size for a in (machine.support_vectors_, machine.dual_coef_, components.components_)))

    def outputs(self, inputs: Tensor) -> Floats:
        scores = self.pipeline.decision_function(inputs.numpy().astype(np.float64))
        return np.asarray(self.regression.decision_function(scores))

    def export(self, path: Path, example: Tensor) -> None:
        options = {id(self.pipeline): {"raw_scores": True, "zipmap": False}}
        graph = to_onnx(self.pipeline, example.numpy(), options=options, target_opset={"": OPSET, "ai.onnx.ml": 3})
        save(self._with_regression(graph), path)

    def _with_regression(self, graph: onnx.ModelProto) -> onnx.ModelProto:
        """Scores of the joint classes → logits [batch, classes], as the graph's only output."""
        body = graph.graph
        _rename(body, body.input[0].name, self.input_name)
        weights = self.regression.coef_.T.astype(np.float32)
        bias = self.regression.intercept_.astype(np.float32)
        body.initializer.append(numpy_helper.from_array(weights, "regression_weights"))
        body.initializer.append(numpy_helper.from_array(bias, "regression_bias"))
        scores = body.output[1].name
        inputs = [scores, "regression_weights", "regression_bias"]
        body.node.append(helper.make_node("Gemm", inputs, ["logits"], name="regression"))
        del body.output[:]
        body.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(bias)]))
        return graph


def _rename(body: onnx.GraphProto, old: str, new: str) -> None:
    body.input[0].name = new
    for node in body.node:
        for place, name in enumerate(node.input):
            if name == old:
                node.input[place] = new


@dataclass(frozen=True)
class SvmLearner:
    """Settings of the pipeline."""

    penalty: float = 3.0
    """C of the machine."""
    gamma: float = 0.005
    """Of the kernel exp(−γ·d²), over whitened components."""
    components: int = 140
    largest_p: float = 0.01
    """Columns whose ANOVA F-test over the joint classes is less significant than this are left out."""
    inner_folds: int = 5
    """Groups of speakers whose scores the regression is fitted on."""
    regression_penalty: float = 0.1

    def fit(self, training: TrainingSet, seed: int, watch: Watch) -> Model:
        values: FloatArray = np.concatenate([r.values for r in training.recordings]).astype(np.float64)
        speakers = np.asarray([r.label.speaker for r in training.recordings])
        genders = np.asarray([r.label.gender == "male" for r in training.recordings])
        joint = training.targets + len(training.classes.names) * genders
        weights = training.weights
        scores = np.zeros((len(values), len(np.unique(joint))))
        for fitted, kept in GroupKFold(self.inner_folds).split(values, joint, speakers):
            pipeline = self._fit(values[fitted], joint[fitted], weights[fitted])
            if len(pipeline.classes_) != scores.shape[1]:
                raise TrainError("Expected every class of both genders without any group of training speakers")
            scores[kept] = pipeline.decision_function(values[kept])
        regression = LogisticRegression(C=self.regression_penalty, max_iter=2000)
        regression.fit(scores, training.targets, sample_weight=_balanced(training.targets, weights))
        model = SvmModel(self._fit(values, joint, weights), regression, training.input.name)
        loss = log_loss(training.targets, regression.predict_proba(scores), sample_weight=weights)
        watch(1, 0.0, float(loss), model)
        return model

    def _fit(self, values: FloatArray, joint: Ints, weights: Floats) -> Pipeline:
        steps = [
            ("varying", VarianceThreshold()),
            ("scaler", StandardScaler()),
            ("selection", SelectFpr(f_classif, alpha=self.largest_p)),
            ("components", PCA(self.components, svd_solver="full")),
            ("svm", SVC(C=self.penalty, gamma=self.gamma, decision_function_shape="ovr")),
        ]
        return Pipeline(steps).fit(values, joint, svm__sample_weight=_balanced(joint, weights))


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
    corpus_weight={"ravdess": 1.0, "tess": 0.3, "emodb": 1.0},
)
