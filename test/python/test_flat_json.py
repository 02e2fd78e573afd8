"""The fast reader of JSONL against the exact one: the same columns, types, values and errors."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from trainyard.data import InvalidDatasetError, describe, json_blocks, json_table, read_table
from trainyard.data.flat_json import parse_flat_json
from trainyard.data.json_array import split_objects

Read = tuple[list[str], list[Any], list[str], list[int | None]] | str


def read(path: Path) -> Read:
    """Return names, types, rows and lines of a table, or its error."""
    try:
        table = read_table(path)
    except InvalidDatasetError as error:
        return str(error)
    rows = [repr(row).replace("-0.0", "0.0") for row in table.frame.rows()]  # NaN does not equal itself
    lines = [table.line_of(row) for row in range(table.frame.height)]
    assert describe(path)["rows"] == len(rows)
    return table.frame.columns, table.frame.dtypes, rows, lines


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str | bytes], tuple[Read, Read]]:
    """Return a function that reads a text with small blocks and the fast reader, and with the exact one."""
    monkeypatch.setattr(json_blocks, "_SAMPLED_LINES", 3)
    monkeypatch.setattr(json_blocks, "_MAX_IRREGULAR", 1000)

    def read_both(text: str | bytes, block: int = 300, name: str = "a.jsonl") -> tuple[Read, Read]:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        monkeypatch.setattr(json_blocks, "_BLOCK_BYTES", block)
        monkeypatch.setattr(json_table, "has_polars", lambda: True)
        fast = read(path)
        monkeypatch.setattr(json_table, "has_polars", lambda: False)
        return fast, read(path)

    return read_both


def value(chance: random.Random, kind: str) -> Any:
    texts = ["Oslo", "", "  spaced\x1c ", "grün", 'a "quote"', "back\\slash", "{[:,]}", "1.5", "null", "\u2028", "\x1f"]
    return {
        "int": lambda: chance.choice([0, 1, -5, 2**53 + 1, 2**63 - 1, -(2**63)]),
        "float": lambda: chance.choice([0.5, -1e-7, 1e300, 5e-324, 3.0, -0.0, chance.gauss(0, 1)]),
        "bool": lambda: chance.random() < 0.5,
        "text": lambda: chance.choice(texts),
        "null": lambda: None,
        "big": lambda: chance.choice([2**63, -(2**63) - 1, 10**30]),
        "emoji": lambda: chance.choice(["\U0001f600", "\ud800", "x\udc00y", "\x00"]),
        "nested": lambda: chance.choice([{"u": 1}, [1, 2], ["a"], {}, []]),
    }[kind]()


ODD = ("int", "float", "bool", "text", "null", "null", "null", "big", "emoji", "nested")


def table(chance: random.Random, oddities: float) -> str:
    kinds = [chance.choice(["int", "float", "bool", "text"]) for _ in range(chance.randint(1, 5))]
    names = [chance.choice(["", "k", "a b", "grün", "a.b", 'q"', "é:{"]) + str(number) for number in range(len(kinds))]
    separators = chance.choice([None, (",", ":"), (", ", " :"), (" , ", ":  ")])
    lines = []
    for _ in range(chance.randint(1, 60)):
        record = {name: value(chance, kind) for name, kind in zip(names, kinds)}
        while chance.random() < oddities:
            name = chance.choice([*names, "new"])
            match chance.choice(["value", "absent", "order"]):
                case "value":
                    record[name] = value(chance, chance.choice(ODD))
                case "absent":
                    record.pop(name, None)
                case "order":
                    record = dict(chance.sample(list(record.items()), len(record)))
        lines.append(json.dumps(record, ensure_ascii=chance.random() < 0.3, separators=separators))
    return chance.choice(["\n", "\n", "\n", "\r\n"]).join(lines) + chance.choice(["", "\n"])


@pytest.mark.parametrize("oddities", [0.0, 0.02, 0.3])
def test_both_readers_agree_about_random_tables(both: Callable[..., tuple[Read, Read]], oddities: float) -> None:
    chance = random.Random(oddities)
    for _ in range(40):
        text = table(chance, oddities)
        fast, exact = both(text, chance.choice([60, 300, 5000]))
        assert fast == exact, text


def array(chance: random.Random, oddities: float) -> str:
    """Return the objects of a table as an array, on one line or many, alone or in a document."""
    rows = [line for line in table(chance, oddities).replace("\r\n", "\n").split("\n") if line]
    space = chance.choice(["", " ", "\n", "\r\n\t", "  \n  "])
    text = f"[{space}{f'{space},{space}'.join(rows)}{space}]"
    before, after = chance.choice(
        [("", ""), ("\n ", "\n"), ('{"n": [1, {}], "data":', "}"), ('{"data": ', ', "m": {}}')]
    )
    return f"{before}{text}{after}"


@pytest.mark.parametrize("oddities", [0.0, 0.02, 0.3])
def test_both_readers_agree_about_random_arrays(both: Callable[..., tuple[Read, Read]], oddities: float) -> None:
    chance = random.Random(oddities)
    for _ in range(40):
        text = array(chance, oddities)
        fast, exact = both(text, chance.choice([60, 300, 5000]), "a.json")
        assert fast == exact, text


def test_both_readers_agree_about_damaged_arrays(both: Callable[..., tuple[Read, Read]]) -> None:
    chance = random.Random(2)
    marks = [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\n",
        b"\\",
        b"\xff",
        b"\0",
        b" ",
        b"1",
        b" 1",
        b"},{",
        b"-",
        b"\r",
    ]
    errors = 0
    for _ in range(100):
        raw = bytearray(array(chance, 0).encode("utf-8", "surrogatepass"))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(raw))
            raw[at : at + chance.choice([0, 1])] = chance.choice(marks)
        fast, exact = both(bytes(raw), chance.choice([60, 300, 5000]), "a.json")
        assert fast == exact, bytes(raw)
        errors += isinstance(exact, str)
    assert 25 < errors < 100


@pytest.mark.parametrize("indent", [None, 2])
def test_a_flat_array_takes_the_fast_path_with_the_line_of_each_object(indent: int | None) -> None:
    rows = [{"a": 1, "b": ' x, "y" ] \\ {\n'}, {"a": 2, "b": "[1, 2]"}]
    found = split_objects((json.dumps(rows, indent=indent) + ', "more": [1]}').encode(), 3)
    assert found is not None
    assert [json.loads(line) for line in found.data.splitlines()] == rows
    assert found.lines.tolist() == ([3, 3] if indent is None else [4, 8])


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "[1]",
        '[{"a": 1}, 2]',
        '[{"a": {}}]',
        '[{"a": [1]}]',
        '[{"a": 1 2}]',
        '[{"a": 1},]',
        '[{"a": 1} {"a": 2}]',
        "[",
    ],
)
def test_an_array_of_anything_else_is_left_to_the_exact_reader(text: str) -> None:
    assert split_objects(text.encode(), 1) is None


def test_both_readers_agree_about_damaged_tables(both: Callable[..., tuple[Read, Read]]) -> None:
    chance = random.Random(1)
    marks = [
        b'"',
        b"{",
        b"}",
        b":",
        b",",
        b"\n",
        b"\\",
        b"\\u00e9",
        b"\xff",
        b"\0",
        b" ",
        b"1",
        b"e",
        b"-",
        b".",
        b"n",
        b"\r",
    ]
    errors = 0
    for _ in range(100):
        raw = bytearray(table(chance, 0).encode("utf-8", "surrogatepass"))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(raw))
            raw[at : at + chance.choice([0, 1])] = chance.choice(marks)
        fast, exact = both(bytes(raw), chance.choice([60, 300, 5000]))
        assert fast == exact, bytes(raw)
        errors += isinstance(exact, str)
    assert 25 < errors < 100


@pytest.mark.parametrize(
    "lines",
    [
        ['{"a": 1, "b": 2}', '{"b": 1, "a": 2}'],
        ['{"a": 1, "b": 2}', '{"a": 1, "c": 2}'],
        ['{"a": 1, "b": 2}', '{"a": 1, "a": 2}'],
        ['{"a": 1, "b": 2}', '{"a": 1, "c": null}'],
        ['{"a": 1, "b": 2}', '{"xa": 1, "b": 2}'],
        ['{"a": 1, "b": 2}', '{"a": 1}', '{"a": 1, "b": 2, "c": 3}'],
        ['{"a": 1}', '{"a": {"a": 1}}', "{}"],
        ['{"a": 1}', '{"a": 1.0}'],
        ['{"a": 1.5}', '{"a": 9223372036854775808}'],
        ['{"a": 1}', '{"a": NaN}'],
        ['{"a": 1.5}', '{"a": 1e999}'],
        ['{"a": "x"}', '{"a": 5}'],
        ['{"a": true}', '{"a": 1}'],
        ['{"a": null}', '{"a": 1}'],
        ['{"a": "x"}', '{"a": "\\ud83d\\ude00 \\ud800"}'],
        ['{"a": "\\\\"}', '{"a": "\\\\\\""}', '{"a": "\\": \\""}'],
        ['{"a": "x"}', "", '{"a": "y"}'],
        ['{"a": 1} {"a": 2}', '{"a": 3}'],
        ['{"a": 1, "b": 2}{', '{"a": 1, "b": 2'],
    ],
)
def test_a_line_that_only_the_exact_reader_understands(
    both: Callable[..., tuple[Read, Read]], lines: list[str]
) -> None:
    regular = [lines[0]] * 5
    for text in ("\n".join([*regular, *lines[1:], *regular]), "\n".join(lines)):
        for block in (10, 50, 5000):
            fast, exact = both(text, block)
            assert fast == exact


def test_regular_tables_take_the_fast_path() -> None:
    schema: dict[str, pl.DataType] = {"a": pl.Int64(), "b": pl.Float64(), "c": pl.String(), "d": pl.Boolean()}
    rows = [{"a": 1, "b": 2.5, "c": ' x "y" \\ {', "d": True}, {"a": None, "b": 3, "c": "", "d": None}]
    for separators in (None, (",", ":")):
        data = "".join(json.dumps(row, separators=separators) + "\n" for row in rows).encode()
        frame = parse_flat_json(data, schema)
        assert frame is not None
        assert frame.rows() == [(1, 2.5, 'x "y" \\ {', True), (None, 3.0, None, None)]
        assert parse_flat_json(data, {**schema, "e": pl.Int64()}) is None
        assert parse_flat_json(data, {**schema, "a": pl.Float64(), "b": pl.Int64()}) is None


def test_a_compressed_table_in_another_encoding_is_read_in_blocks(tmp_path: Path) -> None:
    from trainyard.data.read_options import ReadOptions

    rows = [{"x": number, "colour": ["grün", "weiß"][number % 2]} for number in range(1000)]
    path = tmp_path / "a.jsonl.gz"
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode("windows-1252")))
    assert read_table(path, options=ReadOptions("windows-1252")).frame.to_dicts() == rows


def test_an_error_far_below_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = ['{"x": 1, "y": 2.5}'] * 400_000
    lines[300_000] = '{"x": 1, "y": 2.5'
    path.write_text("\n".join(lines))
    with pytest.raises(InvalidDatasetError, match=r"a\.jsonl, line 300001: invalid JSON"):
        read_table(path)
