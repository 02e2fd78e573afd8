"""The options `encoding` and `header`: how to read a table file if its content does not show it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest
from job_under_test import JobUnderTest
from trained_job import train

from trainyard.data import InvalidDatasetError, open_table, preview, read_table
from trainyard.data.read_options import ENCODINGS, ReadOptions
from trainyard.dataset_list import preview_dataset
from trainyard.trainers import tabular

TEXTS = {
    "gb18030": ["红色", "绿色"],
    "big5": ["紅色", "綠色"],
    "shift-jis": ["赤色", "みどり"],
    "euc-jp": ["赤色", "みどり"],
    "euc-kr": ["빨강", "초록"],
    "windows-1251": ["красный", "зелёный"],
    "koi8-r": ["красный", "зелёный"],
    "cp866": ["красный", "зелёный"],
    "windows-1250": ["červená", "zielony"],
    "iso-8859-2": ["červená", "żółty"],
    "windows-1252": ["grün €5", "Müller"],
    "latin-1": ["grün", "Müller"],
    "iso-8859-15": ["grün €5", "Müller"],
    "mac-roman": ["grün", "Müller"],
    "cp437": ["grün", "Müller"],
    "cp850": ["grün", "Müller"],
    "windows-1253": ["κόκκινο", "πράσινο"],
    "windows-1254": ["dağ", "yeşil"],
    "windows-1255": ["אדום", "ירוק"],
    "windows-1256": ["أحمر", "أخضر"],
    "windows-1257": ["žalias", "sarkanā"],
    "windows-874": ["แดง", "เขียว"],
    "utf-16-le": ["红色", "grün"],
    "utf-16-be": ["红色", "grün"],
    "utf-8": ["红色", "grün"],
}


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".jsonl"])
def test_a_table_in_each_encoding_is_read(tmp_path: Path, encoding: str, suffix: str) -> None:
    first, second = TEXTS[encoding]
    if suffix == ".jsonl":
        rows = [{first: index, "b": text} for index, text in enumerate((first, second) * 30)]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        text = f"{first};b\n" + f"1;{first}\n2;{second}\n" * 30
    content = text.encode(ENCODINGS[encoding])
    path = write(tmp_path / f"a{suffix}", gzip.compress(content) if suffix.endswith(".gz") else content)
    table = read_table(path, options=ReadOptions(encoding))
    assert table.frame.columns == [first, "b"]
    assert table.frame["b"].unique().sort().to_list() == sorted([first, second])
    assert open_table(path, options=ReadOptions(encoding)).count_rows() == 60


def test_a_byte_order_mark_overrides_the_option(tmp_path: Path) -> None:
    for mark in ("utf-16", "utf-8-sig"):
        path = write(tmp_path / "a.csv", "a,b\n1,grün\n".encode(mark))
        assert read_table(path, options=ReadOptions("windows-1251")).frame["b"].to_list() == ["grün"]


def test_a_wrong_encoding_is_named_with_its_line_and_the_option(tmp_path: Path) -> None:
    content = b"".join([b"a,b\n", b"1,x\n" * 100_000, "2,红色\n".encode("gb18030")])
    path = write(tmp_path / "a.csv", content)
    with pytest.raises(InvalidDatasetError, match=r'line 100002: .* set the option encoding .* "gb18030"') as raised:
        read_table(path)
    assert raised.value.option == "encoding"
    with pytest.raises(InvalidDatasetError, match="line 100003: 0xFF is not valid in the encoding euc-jp") as raised:
        read_table(write(path, content + b"\xff\n"), options=ReadOptions("euc-jp"))
    assert raised.value.option == "encoding"


@pytest.mark.parametrize(
    ("header", "names", "first"),
    [
        (None, ["column_1", "column_2"], ["1", "2.5"]),
        (False, ["column_1", "column_2"], ["1", "2.5"]),
        (True, ["1", "2.5"], ["3", "4.5"]),
        (1, ["1", "2.5"], ["3", "4.5"]),
        (2, ["3", "4.5"], ["5", "6.5"]),
    ],
)
def test_the_header_is_where_the_option_says(
    tmp_path: Path, header: bool | int | None, names: list[str], first: list[str]
) -> None:
    path = write(tmp_path / "a.csv", "1,2.5\n3,4.5\n5,6.5\n7,8.5\n9,10.5\n")
    table = read_table(path, options=ReadOptions(header=header))
    assert table.frame.columns == names
    assert list(table.frame.row(0)) == first
    assert preview(path, options=ReadOptions(header=header))["rows"][0] == first


def test_a_header_far_below_is_found_with_its_own_delimiter(tmp_path: Path) -> None:
    title = "Measured by, the station, in the north\n" * 40 + "\n"
    path = write(tmp_path / "a.csv", title + "day;value\n" + "1;2,5\n2;3,5\n" * 20)
    table = read_table(path, options=ReadOptions(header=42))
    assert table.frame.columns == ["day", "value"]
    assert table.line_of(0) == 43
    assert "Lines 1 to 41 are not part of the table" in table.notes[0]
    spaced = write(tmp_path / "b.txt", "a, b\nx y\n1 2\n3 4\n5 6\n")
    assert read_table(spaced, options=ReadOptions(header=2)).frame.columns == ["x", "y"]
    excel = write(tmp_path / "c.csv", "sep=|\na|b\n1|2\n")
    assert read_table(excel, options=ReadOptions(header=2)).frame.columns == ["a", "b"]


def test_only_the_option_distinguishes_these_names_from_values(tmp_path: Path) -> None:
    # The first row has only texts, as a header does.
    path = write(tmp_path / "a.csv", "red,small\ngreen,large\nblue,small\nblack,large\n")
    assert read_table(path).frame.columns == ["red", "small"]
    assert read_table(path, options=ReadOptions(header=False)).frame.height == 4


@pytest.mark.parametrize(
    ("name", "content", "options", "named"),
    [
        ("a.csv", "a,b\n1,2\n", ReadOptions(header=5), "line 5, but the file has 2 lines"),
        ("a.jsonl", '{"a": 1}\n', ReadOptions(header=True), "option header has no meaning"),
        ("a.csv", "a,b\n1,2\n3,4\n", ReadOptions(header=2), None),
    ],
)
def test_an_option_that_does_not_fit_is_refused(
    tmp_path: Path, name: str, content: str, options: ReadOptions, named: str | None
) -> None:
    path = write(tmp_path / name, content)
    if named is None:
        assert read_table(path, options=options).frame.columns == ["1", "2"]
        return
    with pytest.raises(InvalidDatasetError, match=named) as raised:
        open_table(path, options=options)
    assert raised.value.option == "header"


def test_parquet_has_neither_option(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": [1, 2]}).write_parquet(path)
    for options in (ReadOptions("latin-1"), ReadOptions(header=1)):
        with pytest.raises(InvalidDatasetError, match="a Parquet file, for which the option"):
            open_table(path, options=options)


def test_the_preview_names_the_option_that_helps(job: JobUnderTest) -> None:
    job.dataset("a.csv", "")
    (job.home.datasets / "a.csv").write_bytes("a,b\n1,红色\n2,绿色\n".encode("gb18030"))
    assert preview_dataset(job.home, "a.csv", 5)["option"] == "encoding"
    assert "Unknown encoding 'morse'" in preview_dataset(job.home, "a.csv", 5, options={"encoding": "morse"})["error"]
    wrong = preview_dataset(job.home, "a.csv", 5, options={"header": -1})
    assert (wrong["option"], wrong["error"][:6]) == ("header", "header")
    found = preview_dataset(job.home, "a.csv", 5, options={"encoding": "gb18030", "target": "b"})
    assert found["rows"] == [["1", "红色"], ["2", "绿色"]]


def test_a_training_reads_its_file_by_the_options(job: JobUnderTest) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")
    path = job.dataset("a.csv", "")
    lines = [f"{row % 7},{'红色' if row % 2 else '绿色'},{row % 7 + 10.5 * (row % 2)}" for row in range(120)]
    path.write_bytes("\n".join(["Messung 1", "x,colour,y", *lines]).encode("gb18030"))
    status = train(job, path, {"encoding": "gb18030", "header": 2, "hidden": []}, epochs=60)
    assert status["status"] == "COMPLETED"
    assert status["metrics"]["val_r2"] > 0.99
    assert tabular.describe()["options"]["properties"]["encoding"]["enum"] == [*ENCODINGS, None]


def test_a_prediction_job_reads_a_file_like_that_of_the_training(job: JobUnderTest) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")
    from trainyard.prediction.job import _read_options
    from trainyard.trainers.tabular.checkpoint import load_checkpoint
    from trainyard.trainers.tabular.predict import open_for

    path = job.dataset("a.csv", "")
    lines = [f"{row % 7},{'红色' if row % 2 else '绿色'},{row % 7 + 10.5 * (row % 2)}" for row in range(60)]
    content = "\n".join(["Messung 1", "x,colour,y", *lines])
    path.write_bytes(content.encode("gb18030"))
    train(job, path, {"encoding": "gb18030", "header": 2, "hidden": []}, epochs=2)
    training = _read_options(job.home, job.job_id)
    assert training == ReadOptions("gb18030", 2)
    schema, _ = load_checkpoint(job.home.checkpoint(job.job_id))
    assert open_for(schema, path, training)[1] == 60
    # A file of another form counts first as what it is.
    other = write(path.with_name("b.csv"), content.split("\n", 1)[1])
    assert open_for(schema, other, training)[1] == 60
    with pytest.raises(InvalidDatasetError, match="missing column 'colour'"):
        open_for(schema, write(path.with_name("c.csv"), "x,y\n1,2\n"), training)
    assert _read_options(job.home, "job_1_00000000") == ReadOptions()
