"""Reports the progress of scripts that do not use the reporter, by watching the libraries that they import.

One file per source. Nothing here imports a library: a source is patched after the script itself has imported it.
"""

from __future__ import annotations

from trainyard.capture.install import install

__all__ = ["install"]
