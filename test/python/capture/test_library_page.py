"""Tests that the code on docs/trainers-libraries.md runs, each piece with its library."""

from __future__ import annotations

import re
import textwrap
from importlib.util import find_spec
from pathlib import Path

import pytest
from captured_script import run_script
from job_under_test import JobUnderTest

PAGE = Path(__file__).parents[3] / "docs" / "trainers-libraries.md"
PIECES = [
    piece
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for piece in re.split(r"\n\n(?=from )", block)
]

PRELUDES = {
    "transformers": """
        import tempfile, torch
        from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments
        model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=1, n_embd=8, vocab_size=8, n_positions=4))
        args = TrainingArguments(tempfile.mkdtemp(), max_steps=2, report_to="none", use_cpu=True)
        data = [{"input_ids": torch.tensor([1, 2, 3]), "labels": torch.tensor([1, 2, 3])}] * 4
    """,
    "lightning": "from lightning import Trainer",
    "keras": """
        import keras, numpy
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(loss="mse")
        x, y = numpy.zeros((4, 2)), numpy.zeros((4, 1))
    """,
    "xgboost": """
        import numpy, xgboost
        params, data = {}, xgboost.DMatrix(numpy.zeros((4, 2)), numpy.arange(4))
    """,
    "lightgbm": """
        import lightgbm, numpy
        params, data = {"verbose": -1}, lightgbm.Dataset(numpy.zeros((40, 2)), numpy.arange(40))
    """,
    "Reporter": """
        from trainyard import Reporter
        loader, loss = [1, 2], 0.5
    """,
}
"""The names that a code block of the page expects: a model and data, as small as possible."""


def library_of(piece: str) -> str:
    found = re.search(r"trainyard\.integrations\.(\w+)", piece)
    return found[1] if found else "Reporter"


def test_the_page_has_a_piece_for_each_library() -> None:
    assert {library_of(piece) for piece in PIECES} == set(PRELUDES)


@pytest.mark.parametrize("piece", PIECES, ids=library_of)
def test_a_piece_of_the_page_runs_as_printed(job: JobUnderTest, piece: str) -> None:
    library = library_of(piece)
    if library != "Reporter" and find_spec(library) is None:
        pytest.skip(f"{library} not installed")
    run_script(job, f"{textwrap.dedent(PRELUDES[library])}\n{piece}\n")
