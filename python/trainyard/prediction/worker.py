"""Answer prediction requests: one JSON object a line, in order.

The first line of the worker is ``{"ready": true}``, or ``{"unavailable": "<reason>"}`` before it ends. Each request
``{"task": "predict", "model": "<path>", "rows": [...]}`` or ``{"task": "describe", "model": "<path>"}`` gets one line:
``{"result": {...}}`` or ``{"error": {"kind": "ROWS" | "MODEL" | "FAILED", "message": "..."}}``.
"""

from __future__ import annotations

import json
import resource
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

if TYPE_CHECKING:
    from trainyard.prediction.models import ModelCache

MAX_OUTPUTS = 200_000
"""Maximum number of outputs in one answer: rows times classes, or rows times targets."""


def serve(requests: BinaryIO, answers: TextIO, memory_mib: int) -> int:
    """Answer requests until `requests` ends. Returns the exit code.

    Args:
        memory_mib: memory that loading and predicting may use, besides that of the imported libraries.
    """

    def send(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer, separators=(",", ":"), allow_nan=False) + "\n")
        answers.flush()

    try:
        import torch

        from trainyard.prediction.models import ModelCache
    except Exception as error:  # a broken installation can raise anything
        name = error.name if isinstance(error, ModuleNotFoundError) else None
        problem = f"{name} is not installed" if name else f"PyTorch cannot be imported ({error})"
        send({"unavailable": f"{problem} for {sys.executable}."})
        return 1
    # A prediction of a few rows is faster on one thread, and must not disturb trainings.
    torch.set_num_threads(1)
    limit_data(memory_mib)
    models = ModelCache()
    send({"ready": True})
    for line in requests:
        send(_answer(json.loads(line), models))
    return 0


def limit_data(mebibytes: int) -> None:
    """Limit the memory that this process may allocate from now on. Does nothing where the system has no such limit.

    Not the address space, of which the libraries of a GPU reserve many gigabytes.
    """
    with suppress(OSError, ValueError, StopIteration), open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmData:"))
        size = int(line.split()[1]) * 1024 + mebibytes * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _answer(request: dict[str, Any], models: ModelCache) -> dict[str, Any]:
    from trainyard.data import InvalidDatasetError
    from trainyard.trainers.tabular.checkpoint import InvalidModelError

    try:
        return {"result": _TASKS[request["task"]](request, models)}
    except InvalidDatasetError as error:
        return _error("ROWS", str(error))
    except InvalidModelError as error:
        return _error("MODEL", str(error))
    except (MemoryError, RuntimeError) as error:
        models.clear()
        if isinstance(error, RuntimeError) and "allocate memory" not in str(error):
            return _bug(error)
        return _error("FAILED", "The prediction needs too much memory. Send fewer rows, or start a prediction job.")
    except Exception as error:
        return _bug(error)


def _bug(error: Exception) -> dict[str, Any]:
    traceback.print_exc()
    return _error("FAILED", f"The prediction failed ({type(error).__name__}).")


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"kind": kind, "message": message}}


def _predict(request: dict[str, Any], models: ModelCache) -> dict[str, Any]:
    import numpy as np

    from trainyard.data import InvalidDatasetError
    from trainyard.prediction.json_rows import rows_from_json
    from trainyard.trainers.tabular.checkpoint import InvalidModelError
    from trainyard.trainers.tabular.predict_rows import predict_rows, warnings_of

    model = models.get(Path(request["model"]))
    schema = model.schema
    count = len(request["rows"])
    if count * schema.outputs > MAX_OUTPUTS:
        raise InvalidDatasetError(
            f"{count} rows have {count * schema.outputs} outputs of the model; the "
            f"maximum is {MAX_OUTPUTS}. Send at most {MAX_OUTPUTS // schema.outputs} rows."
        )
    predictions = predict_rows(model, rows_from_json(request["rows"], schema))
    probabilities = predictions.probabilities
    if not np.isfinite(predictions.values if probabilities is None else probabilities).all():
        raise InvalidModelError("The model predicts infinite values. Train it again with a lower learning rate.")
    values: list[Any]
    if probabilities is not None:
        values = [schema.classes[index] for index in predictions.values]
    elif len(schema.targets) == 1:
        values = _rounded(predictions.values[:, 0])
    else:
        values = [dict(zip(schema.targets, _rounded(row))) for row in predictions.values]
    return {
        "values": values,
        "classes": schema.classes,
        "probabilities": None if probabilities is None else [_rounded(row) for row in probabilities],
        "warnings": warnings_of(predictions.unread, count, "row"),
    }


def _describe(request: dict[str, Any], models: ModelCache) -> dict[str, Any]:
    from trainyard.prediction.describe_model import describe_model

    return describe_model(models.get(Path(request["model"])).schema)


def _rounded(numbers: Any) -> list[float]:
    """Round to the seven digits that a network with 32-bit numbers has, as in the files of predictions."""
    return [float(f"{number:.7g}") for number in numbers]


_TASKS: dict[str, Callable[[dict[str, Any], ModelCache], dict[str, Any]]] = {"predict": _predict, "describe": _describe}
