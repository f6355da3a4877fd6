"""A float32 graph → the same graph with int8 convolutions.

Static quantisation by onnxruntime (QDQ): activations in 8 bits with one scale a tensor, weights in 7 bits with one
scale an output channel, both from the ranges that calibration inputs reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from train.errors import TrainError
from train.features import FloatArray


class _Batches(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, name: str, batches: Sequence[FloatArray]) -> None:
        self._inputs: Iterator[dict[str, FloatArray]] = iter([{name: batch} for batch in batches])

    def get_next(self) -> dict[str, FloatArray] | None:
        return next(self._inputs, None)


def quantise(source: Path, target: Path, batches: Sequence[FloatArray]) -> None:
    """Writes `target`; `batches` are inputs in the graph's axes.

    Raises TrainError for a graph without a convolution to quantise.
    """
    with TemporaryDirectory() as folder:
        folded = Path(folder) / "folded.onnx"
        quant_pre_process(str(source), str(folded), skip_symbolic_shape=True)
        graph = onnx.load(str(folded)).graph
        names = integer_nodes(graph)
        if not names:
            raise TrainError(f"Expected convolutions behind the first layers of {source} but found none")
        quantize_static(
            str(folded),
            str(target),
            _Batches(graph.input[0].name, batches),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            # Products of 8 and 7 bits: sums of two fit into 16 bits, so processors without VNNI add up the same.
            reduce_range=True,
            nodes_to_quantize=names,
        )


def integer_nodes(graph: onnx.GraphProto) -> list[str]:
    """Convolutions, and what follows them, but for those that read the features and those that read these.

    onnxruntime's integer convolution of one input channel takes several times as long as the one in float32, and
    what comes out of it is the largest tensor of all: to quantise that costs more than the next layer gains.
    """
    weights = {tensor.name: tensor.dims for tensor in graph.initializer}
    maker = {output: node for node in graph.node for output in node.output}
    # Values that come of the features by at most one convolution of theirs.
    early: set[str] = set()
    chosen: list[str] = []
    for node in graph.node:
        if node.op_type == "Conv":
            groups = next((a.i for a in node.attribute if a.name == "group"), 1)
            reads_features = weights[node.input[1]][1] * groups == 1
            if reads_features:
                early.update(node.output)
            elif node.input[0] not in early:
                chosen.append(node.name)
        elif node.op_type == "Relu" and node.input[0] in early:
            early.update(node.output)
        elif node.op_type in ("Relu", "Add") and any(i in maker and maker[i].name in chosen for i in node.input):
            chosen.append(node.name)
    return chosen
