"""Time and memory to read tables, compared with Polars and DuckDB alone: seconds, and the peak memory of the process.

Run it with `npm run -s python -- bench/read_tables.py [rows]`. Each reader has a process of its own, on Linux.
`bytes` reads the file and counts its lines: the minimum for any reader. DuckDB is skipped unless it is installed.
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ROUNDS = 3
READERS = ("trainyard", "describe", "polars", "duckdb", "bytes")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        files = write_tables(Path(folder), rows)
        print(f"{'table':28} {'MB':>5}" + "".join(f"{reader:>19}" for reader in READERS))
        for label, path in files.items():
            cells = [measure(reader, path) for reader in READERS]
            print(f"{label:28} {path.stat().st_size / 1e6:5.0f}" + "".join(f"{cell:>19}" for cell in cells), flush=True)


def write_tables(folder: Path, rows: int) -> dict[str, Path]:
    import polars as pl

    chosen = random.Random(0)
    cities = ["Oslo", "Bergen", "Trondheim"]
    texts = ["plain", 'with a "quote"', "a, comma", "two\nlines"]
    columns = {f"n{number}": [round(chosen.gauss(0, 1), 5) for _ in range(rows)] for number in range(8)}
    cities_column, target = chosen.choices(cities, k=rows), [round(chosen.gauss(0, 3), 4) for _ in range(rows)]
    numbers = pl.DataFrame({**columns, "city": cities_column, "y": target})
    quoted = numbers.with_columns(pl.Series("city", chosen.choices(texts, k=rows)))
    paths = {
        f"CSV, {rows:,} x 10": folder / "a.csv",
        "with quotes and line ends": folder / "quoted.csv",
        "compressed": folder / "a.csv.gz",
        f"JSONL, {rows // 5:,} rows": folder / "a.jsonl",
        "JSON array": folder / "a.json",
        f"Parquet, {rows:,} x 10": folder / "a.parquet",
    }
    numbers.write_csv(folder / "a.csv")
    quoted.write_csv(folder / "quoted.csv")
    (folder / "a.csv.gz").write_bytes(gzip.compress((folder / "a.csv").read_bytes(), 1))
    numbers.head(rows // 5).write_ndjson(folder / "a.jsonl")
    numbers.head(rows // 5).write_json(folder / "a.json")
    numbers.write_parquet(folder / "a.parquet")
    return paths


def measure(reader: str, path: Path) -> str:
    if reader == "duckdb" and find_spec("duckdb") is None:
        return "-"
    done = subprocess.run([sys.executable, __file__, "--one", reader, str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        return "fails"
    seconds, mebibytes = json.loads(done.stdout)
    return f"{seconds:.2f} s {mebibytes:6,} MiB"


def one(reader: str, path: Path) -> None:
    read = READ[reader]()
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        read(path)
        seconds.append(time.perf_counter() - started)
    status = Path("/proc/self/status").read_text()  # the peak of `getrusage` would be that of the parent process
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps([min(seconds), peak // 1024]))


def trainyard_reader() -> Callable[[Path], object]:
    import polars  # noqa: F401

    from trainyard.data import read_table

    return lambda path: read_table(path).frame


def describe_reader() -> Callable[[Path], object]:
    from trainyard.data import describe

    return lambda path: describe(path)


def polars_reader() -> Callable[[Path], object]:
    """Read every cell of a CSV file as text, as the recognition of numbers requires."""
    import polars as pl

    def read(path: Path) -> object:
        kind = path.name.removesuffix(".gz").rsplit(".", 1)[1]
        if kind == "csv":
            return pl.read_csv(path, infer_schema=False)
        return {"jsonl": pl.read_ndjson, "json": pl.read_json, "parquet": pl.read_parquet}[kind](path)

    return read


def duckdb_reader() -> Callable[[Path], object]:
    import duckdb

    def read(path: Path) -> object:
        source = f"read_csv('{path}', all_varchar=true)" if ".csv" in path.name else f"'{path}'"
        return duckdb.sql(f"create or replace table t as select * from {source}")

    return read


def bytes_reader() -> Callable[[Path], object]:
    def read(path: Path) -> int:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))

    return read


READ = {
    "trainyard": trainyard_reader,
    "describe": describe_reader,
    "polars": polars_reader,
    "duckdb": duckdb_reader,
    "bytes": bytes_reader,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
