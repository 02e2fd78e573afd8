"""Use of the NVIDIA GPUs by a job, from the driver's management library (NVML), which is called with ``ctypes``.

Only function names and structures of the documented C interface are used:
https://docs.nvidia.com/deploy/nvml-api/
"""

from __future__ import annotations

import ctypes
from collections.abc import Collection

_MAX_PROCESSES = 1_024  # per GPU
_UNKNOWN_BYTES = (1 << 64) - 1  # NVML_VALUE_NOT_AVAILABLE


class _Utilization(ctypes.Structure):
    _fields_ = [("gpu", ctypes.c_uint), ("memory", ctypes.c_uint)]


class _Process(ctypes.Structure):
    """nvmlProcessInfo_t, as in version 3 of the function."""

    _fields_ = [
        ("pid", ctypes.c_uint),
        ("bytes", ctypes.c_ulonglong),
        ("gpu_instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    ]


class Gpus:
    """The GPUs of this machine; none without an NVIDIA driver."""

    def __init__(self) -> None:
        self._library: ctypes.CDLL | None = None
        self._devices: list[ctypes.c_void_p] = []
        try:
            library = ctypes.CDLL("libnvidia-ml.so.1")
            count = ctypes.c_uint()
            if library.nvmlInit_v2() != 0:
                return
            self._library = library
            if library.nvmlDeviceGetCount_v2(ctypes.byref(count)) == 0:
                self._devices = [self._device(library, index) for index in range(count.value)]
        except (OSError, AttributeError):  # no driver, or one that is too old
            self._devices = []

    def metrics(self, pids: Collection[int]) -> dict[str, float]:
        """Return the use of each GPU on which one of these processes computes, by metric name.

        The utilization is that of the whole GPU, the memory that of these processes. ``<N>`` of ``system/gpu<N>_...``
        is the number that ``nvidia-smi`` shows. In a container with process ids of its own, the driver can report other
        pids: no GPU is then known to be used.
        """
        values: dict[str, float] = {}
        for index, device in enumerate(self._devices):
            memory = self._memory_of(device, pids)
            if memory is None:
                continue
            use = _Utilization()
            if self._library is not None and not self._library.nvmlDeviceGetUtilizationRates(device, ctypes.byref(use)):
                values[f"system/gpu{index}_percent"] = float(use.gpu)
            values[f"system/gpu{index}_memory_bytes"] = float(memory)
        return values

    def close(self) -> None:
        """Release the library. Can be called more than once."""
        library, self._library, self._devices = self._library, None, []
        if library is not None:
            library.nvmlShutdown()

    def _memory_of(self, device: ctypes.c_void_p, pids: Collection[int]) -> int | None:
        """Return the GPU memory of these processes; None if none of them uses the GPU."""
        if self._library is None:
            return None
        count = ctypes.c_uint(_MAX_PROCESSES)
        processes = (_Process * _MAX_PROCESSES)()
        if self._library.nvmlDeviceGetComputeRunningProcesses_v3(device, ctypes.byref(count), processes) != 0:
            return None
        own = [process.bytes for process in processes[: count.value] if process.pid in pids]
        return sum(used for used in own if used != _UNKNOWN_BYTES) if own else None

    @staticmethod
    def _device(library: ctypes.CDLL, index: int) -> ctypes.c_void_p:
        device = ctypes.c_void_p()
        library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(device))
        return device
