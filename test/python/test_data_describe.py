"""`describe`: every supported format, and the errors for invalid files."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from trainyard.data import InvalidDatasetError, describe, open_table
from trainyard.data.dialect import sniff_delimiter

SAMPLE = Path(__file__).resolve().parents[2] / "python/trainyard/data/sample.csv"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def cells(path: Path) -> list[list[object]]:
    rows = (row for block in open_table(path).frames() for row in block.frame.rows())
    return [["" if cell is None else cell for cell in row] for row in rows]


def test_the_shipped_sample_is_described() -> None:
    assert describe(SAMPLE) == {
        "name": "sample.csv",
        "format": "CSV",
        "columns": ["x", "y"],
        "column_count": 2,
        "rows": 30,
    }


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.csv", "x,y\n1,2\n3,4\n", "CSV"),
        ("a.csv", "x;y\n1,5;2\n3,5;4\n", "CSV"),
        ("a.csv", "x|y\r\n1|2\r\n3|4", "CSV"),
        ("a.tsv", "x\ty\n1\t2\n3\t4\n", "TSV"),
        ("a.data", "x\ty\n1\t2\n3\t4\n", "TSV"),
        ("a.csv", "\ufeffx,y\n1,2\n\n3,4\n\n", "CSV"),
        ("a.csv", "x,y\r1,2\r3,4\r", "CSV"),
        ("a.csv", '"x","y"\n"a\nb",2\n"c,d",4\n', "CSV"),
        ("a.jsonl", '{"x": 1, "y": 2}\n\n{"y": 4, "x": 3}\n', "JSONL"),
        ("a.ndjson", '\ufeff{"x": 1, "y": 2}\n{"x": null}\n', "JSONL"),
        ("a.txt", '{"x": 1, "y": 2}\n{"y": 4}', "JSONL"),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_columns_and_rows_are_found_in_every_format(
    tmp_path: Path, name: str, content: str, form: str, compressed: bool
) -> None:
    data = gzip.compress(content.encode()) if compressed else content.encode()
    path = write(tmp_path, name + ".gz" * compressed, data)
    assert describe(path) == {"name": path.name, "format": form, "columns": ["x", "y"], "column_count": 2, "rows": 2}


def test_gzip_is_recognised_by_its_content(tmp_path: Path) -> None:
    assert describe(write(tmp_path, "a.csv", gzip.compress(b"x,y\n1,2\n")))["rows"] == 1


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a,b\n", "1,2\n"], ","),
        (["a;b\n", "1,5;2,5\n", "1,7;2,9\n"], ";"),
        (['"a;b";c,d\n', "x;1,2\n"], ";"),
        (['"a,x";b;c\n', '"1,2";3;4\n'], ";"),
        (["a,b;c\n", "1,x;y;z\n", "2,y\n"], ","),
        (["name|note, long\n", "a|b, c, d\n", "e|f\n"], "|"),
        (["a\tb c, d\n", "1\t2, 3, 4\n"], "\t"),
        (["just one\n", "a\n"], ","),
    ],
)
def test_the_delimiter_is_the_one_with_consistent_rows(lines: list[str], delimiter: str) -> None:
    assert sniff_delimiter(lines) == delimiter


def test_line_numbers_are_correct_after_quoted_newlines(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'x,y\n"two\nlines",1\n5,6\n7\n')
    with pytest.raises(InvalidDatasetError) as raised:
        cells(path)
    assert raised.value.line == 5


def test_an_unnamed_first_column_is_the_pandas_index(tmp_path: Path) -> None:
    assert describe(write(tmp_path, "a.csv", ",x,y\n0,1,2\n"))["columns"] == ["Unnamed: 0", "x", "y"]


def test_the_last_key_of_the_first_object_stays_the_last_column(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"a": 1, "y": 2}\n{"b": true, "y": 3, "note": {"k": [1]}}\n')
    assert describe(path)["columns"] == ["a", "b", "note.k.0", "y"]
    assert cells(path) == [[1, "", "", 2], ["", True, 1, 3]]


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("a.csv", b"", None, "empty"),
        ("a.csv", b"\n \n", None, "empty"),
        ("a.jsonl", b"\n\n", None, "empty"),
        ("a.csv", b"x,y\n1,2\n3\n", 3, "1 value found, 2 expected"),
        ("a.csv", b"x,y\n1,2\n3,4,5\n", 3, "3 values found, 2 expected"),
        ("a.csv", b"x,y,x\n1,2,3\n", 1, "occurs 2 times"),
        ("a.csv", b"x,,y\n1,2,3\n", 1, "the name of column 2 of 3 is empty"),
        ("a.csv", b"1.5,2,0\n", 1, "instead of column names"),
        ("a.csv", b'x,y\n1,"2\n3,4\n', 2, "invalid quoting"),
        ("a.csv", b'x,y\n1,2\n"3"a,4\n', 3, "invalid quoting"),
        ("a.csv", b"x,y\n1,2\nM\xfcnchen,4\n", 3, "byte 2 of the line (0xFC, after 'M') is not valid UTF-8"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0", None, "a PNG image, not text"),
        ("a.csv", b"x,y\n1,2\n\x80\x04\x95\x02,4\n", 3, "binary file; expected UTF-8 text"),
        ("a.csv", b"x,y\n\0\1\2,4\n", 2, "binary"),
        ("a.csv", b"PK\x03\x04....", None, "Excel"),
        ("a.csv", b"x" * (16 * 2**20 + 2), 1, "longer than the limit of 16 MiB"),
        ("a.csv.gz", b"x,y\n1,2\n", None, "not gzip"),
        ("a.csv.gz", gzip.compress(os.urandom(5000), mtime=0)[:3000], 1, ""),
        ("a.csv.gz", gzip.compress(b"x,y\n" + b"1,2\n" * 5000, mtime=0)[:-9], None, "damaged or truncated"),
        ("a.jsonl", b'{"x": 1}\n[1, 2]\n', 2, "found a JSON array"),
        ("a.jsonl", b'{"x": 1}\n{"x": 1,\n', 2, "invalid JSON"),
        ("a.jsonl", b'{"x": 1}\n{"x": 1, "x": 2}\n', 2, "twice"),
        ("a.jsonl", b'{"x": ' + b"9" * 5000 + b"}\n", 1, "invalid JSON"),
        ("a.jsonl", b'{"x": 1, "": 2}\n', None, "a key is empty"),
    ],
)
def test_an_invalid_file_is_rejected_with_its_place(
    tmp_path: Path, name: str, content: bytes, line: int | None, words: str
) -> None:
    if name == "a.jsonl" and b"9999" in content and sys.version_info < (3, 10, 7):
        pytest.skip("This Python reads numbers of any length.")
    path = write(tmp_path, name, content)
    with pytest.raises(InvalidDatasetError) as raised:
        describe(path)
    assert raised.value.reason == "INVALID_DATASET"
    assert str(raised.value).startswith(f"{name}{f', line {line}' if line else ''}")
    assert words in str(raised.value)


def test_anything_but_a_regular_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InvalidDatasetError, match="folder"):
        describe(tmp_path)
    with pytest.raises(InvalidDatasetError, match="file not found"):
        describe(tmp_path / "gone.csv")
    os.mkfifo(tmp_path / "fifo.csv")
    with pytest.raises(InvalidDatasetError, match="not a regular file"):
        describe(tmp_path / "fifo.csv")


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, suffix: str) -> None:
    def peak(rows: int) -> int:
        head, row = (b"", b'{"x": 1.5, "y": "text"}\n') if suffix == "jsonl" else (b"x,y\n", b"1.5,text\n")
        content = head + row * rows
        path = write(tmp_path, f"{rows}.{suffix}", gzip.compress(content) if suffix.endswith("gz") else content)
        tracemalloc.start()
        assert describe(path)["rows"] == rows
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak(10)  # excludes imports on first use
    # 20,000 more rows are 500 kB more.
    assert peak(40_000) < peak(20_000) + 100_000


def test_describing_needs_neither_numpy_nor_torch() -> None:
    code = (
        "import sys; sys.modules.update(numpy=None, torch=None);"
        f"from trainyard.data import describe; print(describe({str(SAMPLE)!r})['rows'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "30"
