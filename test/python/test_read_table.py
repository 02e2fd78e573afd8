"""`read_table`: dialects, JSON and Parquet, the line of each row, and the bounds."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import time
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

pl = pytest.importorskip("polars")

from trainyard.data import InvalidDatasetError, delimited_blocks, describe, open_table, preview, read_table
from trainyard.data.dialect import Dialect
from trainyard.data.encoding_hint import encoding_hint
from trainyard.data.lines import MAX_LINE_BYTES


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(path: Path) -> list[tuple[Any, ...]]:
    return read_table(path).frame.rows()


TABLE = "a;b;y\n1,5;x;2\n2,5;z;3\n3,5;x;4\n"


@pytest.mark.parametrize(
    ("before", "first_words"),
    [
        ("sep=;\n", "Line 1 is not part of the table and left out ('sep=;')"),
        ("# exported, 2025\n# by us\n", "Lines 1 to 2 are"),
        ("Sales report\n\n", "Lines 1 to 2 are not part of the table and left out ('Sales report')"),
        ("Report, all regions, 2025\nprinted on Monday\n", "Lines 1 to 2 are"),
    ],
)
def test_lines_before_the_header_are_left_out_with_a_note(tmp_path: Path, before: str, first_words: str) -> None:
    path = write(tmp_path, "a.csv", before + TABLE)
    table = read_table(path)
    assert table.frame.columns == ["a", "b", "y"]
    assert table.frame.rows()[0] == ("1,5", "x", "2")
    assert len(table.notes) == 1 and table.notes[0].startswith(first_words)
    assert table.line_of(0) == before.count("\n") + 2
    assert describe(path)["rows"] == 3


@pytest.mark.parametrize("content", ["#id,name\n1,a\n2,b\n3,c\n", "title\nx,y\nz\n1,2,3\n", "one\ntwo\nthree\nfour\n"])
def test_nothing_is_left_out_without_an_agreement_of_the_lines_below(tmp_path: Path, content: str) -> None:
    assert open_table(write(tmp_path, "a.csv", content)).names == content.splitlines()[0].split(",")


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("1.5,red,2\n2.5,green,3\n3.5,red,4\n", 3),
        ("2025-01-01,5\n2025-01-02,6\n", 2),
        ("7,7\n1,2\n3,4\n", 2),
        ("red,yes\nblue,yes\nred,no\nblue,yes\nred,no\n", 2),
        ("color,wet\nred,yes\nblue,no\ncolor,wet\nred,no\ncolor,wet\n", None),
        ("country,2019,2020\nNO,1,2\nSE,3,4\n", None),
        ("2019,2020\n1,2\n3,4\n", None),
        ("1.5,wave\n2.5,green\n3.5,red\n", None),
    ],
)
def test_a_missing_header_is_found_by_values_that_cannot_be_names(
    tmp_path: Path, content: str, names: int | None
) -> None:
    table = read_table(write(tmp_path, "a.csv", content))
    lines = content.splitlines()
    if names is None:
        assert table.frame.columns == lines[0].split(",")
        assert (table.frame.height, table.line_of(0), list(table.notes)) == (len(lines) - 1, 2, [])
    else:
        assert table.frame.columns == [f"column_{number}" for number in range(1, names + 1)]
        assert (table.frame.height, table.line_of(0)) == (len(lines), 1)
        assert "counts as the first row" in table.notes[0]


def test_values_between_spaces_are_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "a b  y\n1 x   2\n3 z 4\n")
    assert (open_table(path).names, rows(path)) == (["a", "b", "y"], [("1", "x", "2"), ("3", "z", "4")])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
@pytest.mark.parametrize("compressed", [False, True])
def test_utf16_with_its_mark_is_read(tmp_path: Path, encoding: str, compressed: bool) -> None:
    raw = ("\ufeff" * (encoding == "utf-16-be") + "name,y\nMünchen,1\n東京,2\n" + "é,3\n" * 40_000).encode(encoding)
    path = write(tmp_path, "a.csv", gzip.compress(raw) if compressed else raw)
    table = read_table(path)
    assert table.frame.rows()[:2] == [("München", "1"), ("東京", "2")]
    assert table.frame.height == describe(path)["rows"] == 40_002
    assert table.dialect is not None and table.dialect.encoding == "UTF-16"


def test_damaged_utf16_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InvalidDatasetError, match="not valid UTF-16"):
        describe(write(tmp_path, "a.csv", "x,y\n1,2\n".encode("utf-16") + b"\x00"))


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ("9.5,黄色,1\n", "gb18030", "GB18030"),
        ("北京市海淀区中关村大街,上海市浦东新区\n", "gb18030", "GB18030"),
        ("東京の天気はとても良いです\n", "shift_jis", "Shift JIS"),
        ("東京の天気はとても良いです\n", "euc_jp", "EUC-JP"),
        ("서울특별시 강남구 테헤란로 대한민국\n", "euc_kr", "EUC-KR"),
        ("красный,синий,зелёный\n", "cp1251", "Windows-1251"),
        ("München,Café,naïve\n", "cp1252", "Windows-1252"),
        ("цвет,красный,синий\n", "koi8-r", "KOI8-R"),
        ("χρώμα,κόκκινο,μπλε\n", "iso-8859-7", "Windows-1253"),
        ("צבע אדום כחול\n", "cp1255", "Windows-1255"),
        ("لون أحمر أزرق\n", "cp1256", "Windows-1256"),
        ("příliš žlutý,červený\n", "cp1250", "Windows-1250"),
        ("kırmızı,şeker,ığdır\n", "cp1254", "Windows-1254"),  # noqa: RUF001 - the letter of Turkish
        ("สีแดง,สีน้ำเงิน\n", "cp874", "Windows-874"),
        ("café,naïve,señor\n", "mac-roman", "Mac Roman"),
        ("臺北市信義區松山路\n", "big5", "Big5"),
    ],
)
def test_the_error_names_an_encoding_that_fits(tmp_path: Path, text: str, encoding: str, named: str) -> None:
    assert named in encoding_hint(text.encode(encoding))
    with pytest.raises(InvalidDatasetError, match=f"line 2: byte .* not valid UTF-8.*{named}"):
        describe(write(tmp_path, "a.txt", b"header\n" + text.encode(encoding)))


def scanned(path: Path, columns: int) -> list[tuple[str | None, ...]] | str:
    text = path.read_bytes().decode()
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True))[1:]
    except csv.Error:
        return "error"
    records = [record for record in records if record]
    if any(len(record) != columns for record in records):
        return "error"
    return [tuple(cell.strip() or None for cell in record) for record in records]


@pytest.mark.parametrize("seed", range(5))
def test_the_fast_reader_agrees_with_the_csv_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chosen = random.Random(seed)
    pieces = ["a", '""', ",", "\n", " ", "é", '"', "1", "x"]

    def cell() -> str:
        kind = chosen.random()
        if kind < 0.5:
            return chosen.choice(["1", "", '""', " a", "b ", ' "q"', "\u00a0z", "0.5"])
        inner = "".join(chosen.choice(pieces[:-3]) for _ in range(chosen.randrange(5)))
        return f'"{inner}"' if kind < 0.97 else chosen.choice(['5"', 'a"b', '"a"b', '"', "1,2"])

    for _ in range(150):
        width = chosen.randint(1, 4)
        body = "\n".join(",".join(cell() for _ in range(width)) for _ in range(chosen.randrange(8)))
        header = ",".join("abcd"[:width])
        path = write(tmp_path, "a.csv", header + "\n" + body + chosen.choice(["", "\n", "\n\n"]))
        monkeypatch.setattr(delimited_blocks, "_BLOCK_BYTES", chosen.choice([(1 << 20, 1 << 20), (5, 9), (1, 2)]))
        try:
            found: object = [
                row
                for block in delimited_blocks.read_blocks(path, Dialect(",", 2), list("abcd"[:width]))
                for row in block.frame.rows()
            ]
        except InvalidDatasetError:
            found = "error"
        assert found == scanned(path, width), path.read_text()


def test_the_line_of_a_row_counts_quoted_line_ends_and_blank_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'x,y\n\n1,2\n"two\nlines",3\n\n\n4,5\n')
    table = read_table(path)
    assert [table.line_of(row) for row in range(3)] == [3, 4, 8]


def test_an_irregular_row_after_millions_of_bytes_is_found_with_its_line(tmp_path: Path) -> None:
    good = "1.5,abc,2\n" * 2_000_000
    path = write(tmp_path, "a.csv", "x,t,y\n" + good + "1,2\n" + "1,2,3,4\n")
    for read in (read_table, describe):
        with pytest.raises(InvalidDatasetError, match="line 2000002: 2 values found, 3 expected"):
            read(path)


def test_a_field_of_200_000_characters_and_2_000_columns_are_read(tmp_path: Path) -> None:
    long = "word " * 40_000
    assert rows(write(tmp_path, "a.csv", f'x,y\n"{long}",1\n{long},2\n')) == [(long.strip(), "1"), (long.strip(), "2")]
    assert rows(write(tmp_path, "b.csv", f'x,y\n5" {long},1\n')) == [(f'5" {long}'.strip(), "1")]
    names = [f"gene {number}" for number in range(2000)]
    wide = write(tmp_path, "c.csv", ",".join(names) + "\n" + (",".join(["0.5"] * 2000) + "\n") * 80)
    assert read_table(wide).frame.shape == (80, 2000)
    assert read_table(wide, columns=["gene 7", "gene 3"]).frame.columns == ["gene 3", "gene 7"]


RECORDS = [{"a": 1, "b": "x", "y": 0.5}, {"a": None, "b": " z ", "y": 2}]


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.json", json.dumps(RECORDS), "JSON"),
        ("a.json", json.dumps(RECORDS, indent=2), "JSON"),
        ("a.json", json.dumps({"count": 2, "data": RECORDS}), "JSON"),
        ("a.json", json.dumps({"meta": {"x": [1]}, "rows": RECORDS}, indent=1), "JSON"),
        ("a.json", json.dumps({key: [record[key] for record in RECORDS] for key in "aby"}), "JSON"),
        ("a.json", json.dumps({k: {str(i): r[k] for i, r in enumerate(RECORDS)} for k in "aby"}), "JSON"),
        ("a.json", json.dumps(dict(enumerate(RECORDS))), "JSON"),
        ("a.json", json.dumps({"columns": list("aby"), "data": [[*record.values()] for record in RECORDS]}), "JSON"),
        ("a.json", json.dumps({"response": {"items": RECORDS}}, indent=1), "JSON"),
        ("a.json", json.dumps({"meta": {"n": 2}, "result": {"items": RECORDS}}), "JSON"),
        ("a.txt", json.dumps(RECORDS), "JSON"),
        ("a.csv", json.dumps(RECORDS, indent=1), "JSON"),
        ("a.json", "\n".join(map(json.dumps, RECORDS)), "JSONL"),
    ],
)
def test_json_is_read_in_every_shape(tmp_path: Path, name: str, content: str, form: str) -> None:
    for path in (write(tmp_path, name, content), write(tmp_path, name + ".gz", gzip.compress(content.encode()))):
        table = read_table(path)
        assert (table.format, describe(path)["format"], describe(path)["rows"]) == (form, form, 2)
        assert table.frame.schema == {"a": pl.Int64, "b": pl.String, "y": pl.Float64}
        assert table.frame.rows() == [(1, "x", 0.5), (None, "z", 2.0)]
        assert preview(path)["rows"][0][1] == "x"


@pytest.mark.parametrize(
    "document",
    [
        {"test": RECORDS[:1], "train": RECORDS, "n": 3},
        {"train": RECORDS, "test": RECORDS[:1]},
        {"train": [{**record, "z": {"v": 1}} for record in RECORDS], "test": RECORDS[:1]},
        {"sets": {"test": RECORDS[:1], "train": RECORDS}},
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_the_longest_array_of_a_document_is_read_and_the_others_are_named(
    tmp_path: Path, document: dict[str, Any], indent: int | None
) -> None:
    path = write(tmp_path, "a.json", json.dumps(document, indent=indent))
    note = "The rows are those of 'train', the longest array of objects in the document. Not read: 'test'."
    table = read_table(path)
    assert (table.frame.height, list(table.notes), preview(path)["notes"]) == (2, [note], [note])


def test_an_invalid_second_array_is_reported_with_its_place(tmp_path: Path) -> None:
    content = '{"train": [{"a": 1, "y": 2}],\n "test": [{"a": 1, "y": 2}, {"a": 1, "y": 2}, {"a": }]}'
    with pytest.raises(InvalidDatasetError, match="line 2: invalid JSON"):
        read_table(write(tmp_path, "a.json", content))


def test_an_array_on_one_line_may_be_longer_than_any_line_of_a_table(tmp_path: Path) -> None:
    records = [{"text": "x" * 1000, "y": number} for number in range(20_000)]
    path = write(tmp_path, "a.json", json.dumps(records))
    assert path.stat().st_size > MAX_LINE_BYTES
    assert (describe(path)["rows"], open_table(path).names) == (20_000, ["text", "y"])
    document = write(tmp_path, "b.json", json.dumps({"data": records}))
    assert (describe(document)["format"], describe(document)["rows"]) == ("JSON", 20_000)


def test_nested_objects_and_arrays_of_numbers_are_columns(tmp_path: Path) -> None:
    lines = [
        {"geo": {"lat": 1.5, "at": {"n": "x"}}, "v": [1, 2], "tags": ["p", "q"], "big": 2**70, "mix": 1, "y": True},
        {"geo": {"lat": 2}, "v": [3.5], "tags": [], "big": 5, "mix": "a", "y": False},
    ]
    frame = read_table(write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))).frame
    assert frame.to_dict(as_series=False) == {
        "geo.lat": [1.5, 2.0],
        "geo.at.n": ["x", None],
        "v.0": [1.0, 3.5],
        "v.1": [2, None],
        "tags": ['["p", "q"]', None],
        "big": [str(2**70), "5"],
        "mix": ["1", "a"],
        "y": [True, False],
    }


def test_a_long_array_stays_one_column(tmp_path: Path) -> None:
    frame = read_table(write(tmp_path, "a.jsonl", json.dumps({"v": list(range(5000)), "y": 1}) + "\n")).frame
    assert frame.columns == ["v", "y"]


def test_the_name_that_most_objects_have_last_is_the_last_column(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"a": 1, "b": 2}\n{"a": 1, "b": 2, "y": 3}\n{"a": 4, "b": 2, "y": 3}\n')
    assert open_table(path).names == ["a", "b", "y"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize(("lacking", "last"), [(1, "y"), (2, "b"), (3, "b")])
def test_objects_with_different_last_keys_have_a_note(tmp_path: Path, name: str, lacking: int, last: str) -> None:
    records: list[dict[str, Any]] = [{"a": 1, "b": 2, **({} if row < lacking else {"y": 3})} for row in range(4)]
    content = json.dumps(records) if name == "a.json" else "\n".join(map(json.dumps, records))
    table = read_table(write(tmp_path, name, content))
    assert table.frame.columns[-1] == last
    (note,) = table.notes
    assert f"{4 - lacking} with 'y'" in note and f"{lacking} with 'b'" in note
    assert note.endswith(f"The last column, which is the default target, is {last!r}.")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('[{"a": 1},\n {"a": }]', "line 2: invalid JSON"),
        ('[{"a": 1}\n {"a": 2}]', "line 2: found '{' after object 1"),
        ('[{"a": 1},\n', "line 2: invalid JSON"),
        ('[{"a": 1}', "line 1: the file ends after object 1"),
        ("[1, 2]", "line 1: found a JSON number"),
        ("[]", "line 1: the array is empty"),
        (" \n", "the file is empty"),
        ('[\n{"a": 1, "a": 2}]', "line 2, column 'a': the key occurs twice"),
        ('[{"a.b": 1, "a": {"b": 2}}]', "line 1, column 'a.b': two values"),
        ('{"data": 5,\n "x" 3}', "line 2: invalid JSON"),
    ],
)
def test_invalid_json_is_rejected_with_its_place(tmp_path: Path, content: str, says: str) -> None:
    path = write(tmp_path, "a.json", content)
    for read in (describe, read_table):
        with pytest.raises(InvalidDatasetError) as raised:
            read(path)
        assert says in str(raised.value)


@pytest.mark.parametrize("indent", [None, 1])
def test_a_preview_reads_the_head_of_a_large_json_array(tmp_path: Path, indent: int | None) -> None:
    records = [{"n": number, "text": "x" * 100, "y": number % 2} for number in range(100_000)]
    path = write(tmp_path, "a.json", json.dumps(records, indent=indent))
    shown = preview(path)
    assert not shown["complete"] and shown["rows_read"] > 1000
    assert [column["name"] for column in shown["columns"]] == ["n", "text", "y"]


def test_parquet_keeps_types_and_flattens_structs_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame(
        {
            "n": [1, None],
            "f": [0.5, float("nan")],
            "flag": [True, False],
            "day": [date(2025, 1, 1), None],
            "at": [{"x": 1, "y": " q "}, {"x": 2, "y": ""}],
            "v": [[1.0, 2.0], [3.0]],
            "big": pl.Series([2**64 - 1, 1], dtype=pl.UInt64),
        }
    ).write_parquet(path)
    table = read_table(path)
    assert table.format == "PARQUET"
    assert table.frame.rows() == [
        (1, 0.5, True, date(2025, 1, 1), 1, "q", 1.0, 2.0, str(2**64 - 1)),
        (None, None, False, None, 2, None, 3.0, None, "1"),
    ]
    assert describe(path) == {
        "name": "a.parquet",
        "format": "PARQUET",
        "columns": ["n", "f", "flag", "day", "at.x", "at.y", "v.0", "v.1", "big"],
        "column_count": 9,
        "rows": 2,
    }
    assert preview(path)["rows"][0][5] == "q"


def test_damaged_parquet_is_rejected(tmp_path: Path) -> None:
    pl.DataFrame({"x": list(range(1000)), "y": ["a"] * 1000}).write_parquet(tmp_path / "a.parquet")
    raw = (tmp_path / "a.parquet").read_bytes()
    chosen = random.Random(3)
    damaged = [raw[:4], raw[:-5], raw[: len(raw) // 2], b"no Parquet"]
    for _ in range(30):
        changed = bytearray(raw)
        for _ in range(4):
            changed[chosen.randrange(4, len(raw))] = chosen.randrange(256)
        damaged.append(bytes(changed))
    errors = 0
    for content in damaged:
        try:
            read_table(write(tmp_path, "b.parquet", content))
        except InvalidDatasetError as error:
            errors += 1
            assert str(error).startswith("b.parquet: ")
    assert errors > len(damaged) // 2


def test_reading_can_be_stopped_between_blocks(tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    path = write(tmp_path, "a.csv.gz", gzip.compress(b"x,y\n" + b"1,2\n" * 20_000_000, 1))
    calls = 0
    last = time.monotonic()
    longest = 0.0

    def stop_at_third() -> None:
        nonlocal calls, last, longest
        calls += 1
        longest = max(longest, time.monotonic() - last)
        last = time.monotonic()
        if calls == 3:
            raise StopError

    with pytest.raises(StopError):
        read_table(path, while_reading=stop_at_third)
    assert longest < 30  # a block of 8 MiB takes some 50 ms


def test_a_table_with_too_many_values_is_rejected_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("trainyard.data.read_table"), "MAX_CELLS", 100_000)
    path = write(tmp_path, "a.csv.gz", gzip.compress(b"x,y\n" + b"1,2\n" * 5_000_000, 1))
    with pytest.raises(InvalidDatasetError, match="more than 100,000 values"):
        read_table(path)
