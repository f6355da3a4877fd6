"""scikit-learn: standardised statistics of each recording → support-vector machine → ONNX by skl2onnx."""

from __future__ import annotations

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from labelled_speech import arguments, held_out, read_speech
from model_folder import calibrated, fitted_temperature, label_and_compare, write_card

KIND = "probabilities"


def main() -> None:
    terms = arguments(__doc__)
    speech = read_speech(terms.speech, "undertone-functionals", terms.out / "features")
    kept_out, rule = held_out(speech)
    x, y = np.concatenate(speech.features), speech.targets

    # What SVC(probability=True) does, which scikit-learn 1.11 drops: Platt's sigmoids on held-out folds.
    model = make_pipeline(StandardScaler(), CalibratedClassifierCV(SVC(C=3), ensemble=False))
    model.fit(x[~kept_out], y[~kept_out])
    raw = model.predict_proba(x)
    temperature = fitted_temperature(raw[kept_out], KIND, y[kept_out])

    folder = terms.out / "model"
    folder.mkdir(parents=True, exist_ok=True)
    # The batch is left open, and probabilities come as one tensor, not as a list of dictionaries.
    inputs = [("features", FloatTensorType([None, x.shape[1]]))]
    graph = to_onnx(model, initial_types=inputs, options={"zipmap": False}, target_opset=17)
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    card = {
        "name": "example-sklearn",
        "description": "Scaler and RBF support-vector machine on 324 functionals, by scikit-learn",
        "family": "vector",
        "window": {"scope": "window"},
        "input": {"name": "features", "axes": ["batch", "columns"]},
        "output": {"name": "probabilities", "kind": KIND},
        "calibration": {"temperature": temperature, "fittedOn": rule},
    }
    write_card(folder, speech, terms, card)
    label_and_compare(terms, speech, calibrated(raw, KIND, temperature), kept_out)


if __name__ == "__main__":
    main()
