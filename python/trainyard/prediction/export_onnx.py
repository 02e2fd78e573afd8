"""Export a model as ONNX, with the encoding of its columns, for programs without Python or PyTorch."""

from __future__ import annotations

import io
import json
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from trainyard.prediction.onnx_text import encode_text
from trainyard.trainers.tabular.checkpoint import InvalidModelError, load_checkpoint
from trainyard.trainers.tabular.encoders import Encoder
from trainyard.trainers.tabular.schema import ModelSchema

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

# Equal for texts needs 19.
_OPSET = 20
_REQUIREMENT = "onnx>=1.18"


class OnnxMissingError(ImportError):
    """The package `onnx` is not installed; the message names the command that installs it."""


def export_onnx(model: Path, output: Path) -> None:
    """Write the model as an ONNX file with one input for each column, and one row for each row of the inputs.

    Inputs, shape (rows, 1): numbers as float64, dates as float64 days since 1970-01-01 UTC, both with NaN for a missing
    value; categories as string, with an empty text for a missing value; texts as string, with the words in lower case
    and a space between two of them. Outputs: `prediction`, shape (rows, targets) float64, or (rows,) string for a
    classification, which also has `probabilities`, shape (rows, classes) float32, in the order of `classes` in the
    metadata.

    Raises:
        InvalidModelError: the model cannot be loaded, or has a column that ONNX cannot encode.
        OnnxMissingError: the package `onnx` is not installed.
        OSError: the file cannot be written.
    """
    try:
        import onnx
    except ImportError as error:
        raise OnnxMissingError(
            f"The export needs the package onnx. Install it with `pip install '{_REQUIREMENT}'`."
        ) from error
    schema, network = load_checkpoint(model)
    content = Graph(schema, _network(network, schema.inputs)).build()
    onnx.checker.check_model(content)
    staged = output.with_name(f".{output.name}.{os.urandom(6).hex()}")
    try:
        staged.write_bytes(content.SerializeToString())
        os.replace(staged, output)
    finally:
        staged.unlink(missing_ok=True)


def _network(network: torch.nn.Module, inputs: int) -> ModelProto:
    """Return the network as ONNX: `net/inputs` float32 (rows, inputs) to `net/outputs` float32 (rows, outputs)."""
    import onnx

    # Typed as a path only, but accepts a file.
    file: Any = io.BytesIO()
    rows = {0: "rows"}
    with warnings.catch_warnings():
        # This exporter is deprecated, but needs no further packages.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(2, inputs),),
            file,
            dynamo=False,
            input_names=["inputs"],
            output_names=["outputs"],
            dynamic_axes={"inputs": rows, "outputs": rows},
            opset_version=_OPSET,
        )
    return onnx.compose.add_prefix(onnx.load_from_string(file.getvalue()), "net/")


class Graph:
    """The graph around a network: encodings before it, and units or classes after it."""

    def __init__(self, schema: ModelSchema, network: ModelProto) -> None:
        self.schema, self.network = schema, network
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.inputs: list[ValueInfoProto] = []

    def build(self) -> ModelProto:
        """Return the complete model."""
        from onnx import TensorProto, helper

        parts = [part for encoder in self.schema.encoders for part in self.encode(encoder)]
        encoded = self.add("Concat", parts, axis=1)
        self.nodes.append(helper.make_node("Cast", [encoded], ["net/inputs"], to=TensorProto.FLOAT))
        self.nodes.extend(self.network.graph.node)
        outputs = self.classes() if self.schema.task == "classification" else self.numbers()
        graph = helper.make_graph(
            self.nodes,
            "trainyard",
            self.inputs,
            outputs,
            initializer=[*self.network.graph.initializer, *self.constants],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)
        helper.set_model_props(
            model,
            {
                name: json.dumps(value)
                for name, value in (("targets", self.schema.targets), ("classes", self.schema.classes))
            },
        )
        return model

    def add(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        from onnx import helper

        name = f"{operator}/{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Any) -> str:
        """Add a constant and return its name."""
        from onnx import numpy_helper

        name = f"constant/{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def input(self, column: str, kind: int) -> str:
        """Add an input of shape (rows, 1) with the name of a column."""
        from onnx import helper

        self.inputs.append(helper.make_tensor_value_info(column, kind, ["rows", 1]))
        return column

    def float32(self, name: str) -> str:
        """Convert to float32."""
        from onnx import TensorProto

        return self.add("Cast", [name], to=TensorProto.FLOAT)

    def encode(self, encoder: Encoder) -> list[str]:
        """Return the names of the encoded parts of a column, float32, shape (rows, width of the part)."""
        encode: Callable[[Any], list[str]] | None = {
            "number": self.encode_number,
            "robust_number": self.encode_robust_number,
            "date": self.encode_date,
            "category": self.encode_category,
            "text": self.encode_text,
        }.get(encoder.type)
        if encode is None:
            raise InvalidModelError(
                f"The model uses the {encoder.type} column {encoder.column!r}, which ONNX cannot encode. "
                "Train without it to export a model."
            )
        return encode(encoder)

    def number_input(self, encoder: Any) -> tuple[str, str]:
        """Return a numeric input, and whether each value is missing."""
        from onnx import TensorProto

        value = self.input(encoder.column, TensorProto.DOUBLE)
        return value, self.add("IsNaN", [value])

    def standardize(self, value: str, encoder: Any) -> str:
        """Return (value - mean) / std, clipped."""
        from trainyard.trainers.tabular.number_encoder import CLIP

        centred = self.add("Sub", [value, self.constant(np.float64(encoder.mean))])
        scaled = self.add("Div", [centred, self.constant(np.float64(encoder.std))])
        return self.add("Clip", [scaled, self.constant(np.float64(-CLIP)), self.constant(np.float64(CLIP))])

    def encode_number(self, encoder: Any) -> list[str]:
        """See `NumberEncoder.scale`."""
        value, missing = self.number_input(encoder)
        filled = self.add("Where", [missing, self.constant(np.float64(encoder.median)), value])
        parts = [self.float32(self.standardize(filled, encoder))]
        return [*parts, self.float32(missing)] if encoder.marks_missing else parts

    def encode_robust_number(self, encoder: Any) -> list[str]:
        """See `RobustNumberEncoder.scale`."""
        value, missing = self.number_input(encoder)
        scaled = self.add("Div", [value, self.constant(np.float64(encoder.spread))])
        centred = self.add("Sub", [scaled, self.constant(np.float64(encoder.median / encoder.spread))])
        filled = self.add("Where", [missing, self.constant(np.float64(0)), centred])
        limit = np.float64(1e15)
        parts = [self.float32(self.add("Clip", [filled, self.constant(-limit), self.constant(limit)]))]
        return [*parts, self.float32(missing)] if encoder.marks_missing else parts

    def encode_date(self, encoder: Any) -> list[str]:
        """See `DateEncoder.encode`."""
        value, missing = self.number_input(encoder)
        days = self.add("Where", [missing, self.constant(np.float64(encoder.median)), value])
        parts = [self.float32(self.standardize(days, encoder))]
        for period in encoder.periods:
            angle = self.add("Mul", [days, self.constant(np.float64(2 * np.pi / period))])
            # onnxruntime has no cosine of doubles.
            shifted = self.add("Add", [angle, self.constant(np.float64(np.pi / 2))])
            parts += [self.float32(self.add("Sin", [each])) for each in (angle, shifted)]
        return [*parts, self.float32(missing)] if encoder.marks_missing else parts

    def encode_category(self, encoder: Any) -> list[str]:
        """See `CategoryEncoder.encode`."""
        from onnx import TensorProto

        value = self.input(encoder.column, TensorProto.STRING)
        levels = self.float32(self.add("Equal", [value, self.constant(np.array([encoder.levels], dtype=object))]))
        missing = self.float32(self.add("Equal", [value, self.constant(np.array([[""]], dtype=object))]))
        parts = [levels]
        if encoder.has_other:
            known = self.add("ReduceSum", [levels, self.constant(np.array([1], dtype=np.int64))], keepdims=1)
            parts.append(self.add("Sub", [self.constant(np.float32(1)), self.add("Max", [known, missing])]))
        return [*parts, missing] if encoder.marks_missing else parts

    def encode_text(self, encoder: Any) -> list[str]:
        """See `TextEncoder.encode`."""
        return encode_text(self, encoder)

    def numbers(self) -> list[ValueInfoProto]:
        """Convert the outputs of the network to the units of the targets."""
        from onnx import TensorProto, helper

        outputs = self.add("Cast", ["net/outputs"], to=TensorProto.DOUBLE)
        scaled = self.add("Mul", [outputs, self.constant(np.array(self.schema.target_std, dtype=np.float64))])
        mean = self.constant(np.array(self.schema.target_mean, dtype=np.float64))
        self.nodes.append(helper.make_node("Add", [scaled, mean], ["prediction"]))
        shape = ["rows", len(self.schema.targets)]
        return [helper.make_tensor_value_info("prediction", TensorProto.DOUBLE, shape)]

    def classes(self) -> list[ValueInfoProto]:
        """Convert the outputs of the network to probabilities and the most probable class."""
        from onnx import TensorProto, helper

        labels = self.constant(np.array(self.schema.classes, dtype=object))
        self.nodes.append(helper.make_node("Softmax", ["net/outputs"], ["probabilities"], axis=1))
        index = self.add("ArgMax", ["probabilities"], axis=1, keepdims=0)
        self.nodes.append(helper.make_node("Gather", [labels, index], ["prediction"]))
        return [
            helper.make_tensor_value_info("prediction", TensorProto.STRING, ["rows"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", len(self.schema.classes)]),
        ]
