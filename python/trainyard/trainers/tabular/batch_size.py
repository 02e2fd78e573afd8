"""Choose the batch size."""

from __future__ import annotations

import math

# (rows from which it applies, batch size)
_LARGE = ((400_000, 1024), (100_000, 512))
_SMALLEST, _LARGEST = 16, 256
# An epoch of a small table has about this many steps.
_STEPS = 20


def choose_batch_size(rows: int) -> int:
    """Return the default batch size for this many training rows: a power of two, from 16 to 1024.

    Large batches use the processor better; a small table needs small ones, so that an epoch has enough steps.
    """
    for least, size in _LARGE:
        if rows >= least:
            return size
    return int(min(_LARGEST, max(_SMALLEST, 2 ** round(math.log2(max(1, rows / _STEPS))))))
