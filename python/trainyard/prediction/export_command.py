"""Export a model within a limit of memory, and report why an export failed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict


class ExportProblem(TypedDict):
    """Why there is no export. `kind`: this Python cannot export, this model cannot be exported, or it failed."""

    kind: Literal["UNAVAILABLE", "MODEL", "FAILED"]
    message: str


def run_export(model: Path, output: Path, memory_mib: int | None = None) -> ExportProblem | None:
    """Write the model as an ONNX file: see `export_onnx`. Returns None if it is written.

    Args:
        memory_mib: memory that the export may use, besides that of PyTorch; default: no limit.
    """
    try:
        from trainyard.prediction.export_onnx import export_onnx
    except ImportError as error:
        return {"kind": "UNAVAILABLE", "message": f"The export needs PyTorch, which cannot be imported ({error})."}
    from trainyard.prediction.worker import limit_data

    if memory_mib is not None:
        limit_data(memory_mib)
    try:
        export_onnx(model, output)
    except ImportError as error:
        return {"kind": "UNAVAILABLE", "message": str(error)}
    except ValueError as error:
        return {"kind": "MODEL", "message": str(error)}
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "allocate memory" not in str(error):
            raise
        return {"kind": "FAILED", "message": "The export needs too much memory."}
    except OSError as error:
        return {"kind": "FAILED", "message": f"The export cannot be written: {error.strerror or error}."}
    return None
