"""Conversion of output to log records."""

from __future__ import annotations

import pytest

from trainyard.logs.log_lines import MAX_LINE_BYTES, LogLines, clean, timestamp

NOW = 1795461724.123456


def texts(records: bytes) -> list[tuple[str, str]]:
    """(tag, text) of every record."""
    return [(tag, text) for _, _, tag, text in (line.split(" ", 3) for line in records.decode().split("\n")[:-1])]


def test_a_line_becomes_a_record_with_time_stream_and_tag() -> None:
    assert (
        LogLines("stdout").feed(b"Epoch 1: loss 0.53\n", NOW)
        == b"2026-11-23T19:22:04.123456Z stdout F Epoch 1: loss 0.53\n"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, b"1970-01-01T00:00:00.000000Z"),
        (1.9999999, b"1970-01-01T00:00:02.000000Z"),
        (1e9, b"2001-09-09T01:46:40.000000Z"),
    ],
)
def test_times_are_in_utc_with_microseconds(seconds: float, text: bytes) -> None:
    assert timestamp(seconds) == text


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"a\nb\n"], ["a", "b"]),
        ([b"a", b"b", b"c\nd", b"\n"], ["abc", "d"]),
        ([b"a\n\n\nb\n"], ["a", "", "", "b"]),
        ([b"a\r\nb\r\n"], ["a", "b"]),
        ([b"a\r", b"\nb\r", b"\n"], ["a", "b"]),
        ([b"10%\r20%\r100%\n"], ["100%"]),
        ([b"\r10%\r20%\r100%\nnext\n"], ["100%", "next"]),
        ([b"10%\r20%\r100%\r   \r\nnext\n"], ["next"]),  # erased at the end: nothing is visible
        ([b"no newline"], ["no newline"]),
        ([b"half\r"], ["half"]),
        ([b"up\x1b[A"], ["up"]),
        ([b""], []),
        ([b"caf\xc3", b"\xa9\n"], ["caf\u00e9"]),
        ([b"bad \xff byte\n"], ["bad \ufffd byte"]),
        ([b"\x1b[32mgreen\x1b[0m \x1b]0;title\x07\x1b(Bnul\x00 bell\x07 tab\tend\x7f\n"], ["green nul bell tab\tend"]),
        ([b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n"], ["link"]),
    ],
)
def test_output_becomes_clean_lines(pieces: list[bytes], expected: list[str]) -> None:
    lines = LogLines("stderr")
    records = b"".join(lines.feed(piece, NOW) for piece in pieces) + lines.close(NOW)
    assert texts(records) == [("F", text) for text in expected]


def test_a_progress_bar_is_logged_twice_per_second_with_its_last_state() -> None:
    lines = LogLines("stderr")
    records = b"".join(lines.feed(b"\r%d%%" % percent, NOW + percent / 20) for percent in range(101))  # in five seconds
    records += lines.feed(b"\n", NOW + 6)
    shown = [text for _, text in texts(records)]
    assert shown == [f"{percent}%" for percent in range(0, 101, 10)]


@pytest.mark.parametrize("joined", [1, 2, 3, 1000])
@pytest.mark.parametrize("depth", [1, 2])
def test_a_nested_progress_bar_is_logged_as_often_as_one_alone(depth: int, joined: int) -> None:
    # As tqdm draws it, with three writes: down, the bar, up again. The reader can get several of them at once.
    down, up = b"\n" * depth, b"\x1b[A" * depth
    bars = [write for step in range(1, 101) for write in (down, b"\r%d/100" % step, up)]
    writes = [b"\router 0/1", *bars, down, b"\r       \r", up, b"\router 1/1", b"\n", b"next\n"]
    pieces = [b"".join(writes[start : start + joined]) for start in range(0, len(writes), joined)]
    lines = LogLines("stderr")
    records = b"".join(lines.feed(piece, NOW + 10 * index / len(pieces)) for index, piece in enumerate(pieces))
    shown = [text for _, text in texts(records + lines.close(NOW + 10)) if text]
    assert (shown[0], shown[-2:]) == ("outer 0/1", ["outer 1/1", "next"])
    assert len(shown) <= 25
    assert len(set(shown)) == len(shown)


def test_the_last_text_before_a_pause_is_logged_after_the_interval() -> None:
    lines = LogLines("stderr")
    assert texts(lines.feed(b"\r1%", NOW)) == [("F", "1%")]
    assert lines.feed(b"\r2%\r3%", NOW + 0.1) == b""
    assert lines.is_redrawing
    assert lines.tick(NOW + 0.4) == b""
    assert texts(lines.tick(NOW + 0.6)) == [("F", "3%")]
    assert not lines.is_redrawing
    assert lines.feed(b"\n", NOW + 1) == b""  # already in the log
    assert lines.close(NOW + 1) == b""


def test_a_prompt_without_a_newline_waits_for_it() -> None:
    lines = LogLines("stdout")
    assert lines.feed(b"loading ... ", NOW) == lines.tick(NOW + 10) == b""
    assert texts(lines.feed(b"done\n", NOW + 11)) == [("F", "loading ... done")]


def test_a_long_line_is_split_between_characters() -> None:
    line = "x" + "\u00e9" * MAX_LINE_BYTES  # 2 bytes each: a split at the limit would divide one
    lines = LogLines("stdout")
    parts = texts(lines.feed(line.encode() + b"\nnext\n", NOW))
    assert [tag for tag, _ in parts] == ["P", "P", "F", "F"]
    assert "".join(text for _, text in parts[:3]) == line
    assert all(len(text.encode()) <= MAX_LINE_BYTES for _, text in parts)


def test_endless_output_without_a_newline_is_not_buffered() -> None:
    lines = LogLines("stdout")
    written = sum(len(lines.feed(b"x" * 65536, NOW)) for _ in range(64))
    assert written > 63 * 65536


def test_clean_text_is_returned_unchanged() -> None:
    text = b"loss 0.5 \t~"
    assert clean(text) is text
