"""Makes the package ``trainyard`` importable for another interpreter, and nothing else that is installed next to it."""

from pathlib import Path

_REAL = Path(__file__).resolve().parents[3] / "__init__.py"
__path__ = [str(_REAL.parent)]
__file__ = str(_REAL)
exec(compile(_REAL.read_bytes(), __file__, "exec"), globals())
