"""A folder of scripts is a list of trainers, described without running any of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from trainyard.scripts.folder import MAX_SCRIPTS
from trainyard.trainer_list import list_trainers
from trainyard.trainers import TRAINERS

Descriptions = dict[str, dict[str, Any]]


def listed(folder: Path) -> Descriptions:
    return {trainer["name"]: trainer for trainer in list_trainers(folder)["trainers"]}


def described(folder: Path, source: str, name: str = "train") -> dict[str, Any]:
    (folder / f"{name}.py").write_text(textwrap.dedent(source))
    return listed(folder)[name]


def properties(folder: Path, *calls: str) -> dict[str, Any]:
    """The properties of a script's options, without their descriptions."""
    lines = ["import argparse", "parser = argparse.ArgumentParser()", *calls, "print(parser.parse_args())"]
    return described(folder, "\n".join(lines))["options"]["properties"]  # type: ignore[no-any-return]


def test_the_command_describes_the_scripts_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    command = [sys.executable, "-m", "trainyard", "trainers", "--folder", str(tmp_path)]
    tabular, *_, train = json.loads(subprocess.check_output(command))["trainers"]
    assert train == {
        "name": "train", "title": "train", "description": "", "source": "FOLDER", "available": True,
        "unavailable_reason": None, "backends": [], "settings": [], "accepts_arguments": True,
        "defaults": {"epochs": None, "batch_size": None, "learning_rate": None, "seed": None},
        "options": {"type": "object", "additionalProperties": False, "properties": {}},
        "versions": {"python": ".".join(map(str, sys.version_info[:3]))},
    }  # fmt: skip
    assert (tabular["source"], tabular["accepts_arguments"]) == ("SHIPPED", False)
    assert tabular["settings"] == ["epochs", "batch_size", "learning_rate", "seed", "dataset"]
    assert not (tmp_path / "ran").exists()


def test_files_and_folders_with_main_are_trainers(tmp_path: Path) -> None:
    for name in ("train.py", "vision/__main__.py", "nested/inner/deep.py", "_private.py", ".hidden.py", "test_x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("print('hello')")
    (tmp_path / "model.py").write_text("import math\nSIZE = 3\nclass Model: pass\ndef build(): return Model()")
    (tmp_path / "notes.txt").write_text("no script")
    assert list(listed(tmp_path)) == [*TRAINERS, "train", "vision"]


def test_a_missing_folder_has_no_scripts(tmp_path: Path) -> None:
    assert list(listed(tmp_path / "none")) == list(TRAINERS)


def test_standard_settings_are_found_by_their_usual_flags(tmp_path: Path) -> None:
    train = described(
        tmp_path,
        """
        import argparse

        def main():
            parser = argparse.ArgumentParser(description="PyTorch MNIST Example")
            parser.add_argument("--batch-size", "-b", type=int, default=64, metavar="N")
            parser.add_argument("--test-batch-size", type=int, default=1000)
            parser.add_argument("--epochs", type=int, default=14)
            parser.add_argument("--lr", type=float, default=1.0)
            parser.add_argument("--seed", type=int, default=1)
            parser.add_argument("--data")
            parser.add_argument("--no-cuda", action="store_true", default=False, help="disables CUDA training")
            print(parser.parse_args())

        if __name__ == "__main__":
            main()
        """,
    )
    assert train["settings"] == ["epochs", "batch_size", "learning_rate", "seed", "dataset"]
    assert train["defaults"] == {"epochs": 14, "batch_size": 64, "learning_rate": 1.0, "seed": 1}
    assert train["options"]["properties"] == {
        "test_batch_size": {"type": "integer", "default": 1000},
        "no_cuda": {"type": "boolean", "default": False, "description": "disables CUDA training"},
    }
    assert train["description"] == "PyTorch MNIST Example"


@pytest.mark.parametrize(
    ("call", "schema"),
    [
        ("'--x', type=float, default=-1e-3", {"type": "number", "default": -0.001}),
        ("'--x', choices=['a', 'b'], default=['a', 'b'][-1]", {"enum": ["a", "b"], "type": "string", "default": "b"}),
        ("'--x', default={'a': 3}['a']", {"type": "integer", "default": 3}),
        ("'--x', type=int, default=[1][5]", {"type": "integer"}),
        ("'--x', default='a'", {"type": "string", "default": "a"}),
        ("'--x', default=3", {"type": "integer", "default": 3}),
        ("'--x', type=int, default=compute()", {"type": "integer"}),
        ("'--x', type=str, default=None", {"type": "string"}),
        ("'--x', type=float, default=float('inf')", {"type": "number"}),
        ("'--x', type=int, default=1 << 80", {"type": "integer"}),
        ("'--x', choices=['a', 'b'], default='b'", {"enum": ["a", "b"], "type": "string", "default": "b"}),
        ("'--x', type=int, choices=range(1, 4)", {"enum": [1, 2, 3], "type": "integer"}),
        ("'--x', nargs='+', type=int, default=[1, 2]",
         {"type": "array", "items": {"type": "integer"}, "minItems": 1, "default": [1, 2]}),
        ("'--x', nargs=2, type=float",
         {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
        ("'--x', action='append'", {"type": "array", "items": {"type": "string"}}),
        ("'--x', nargs='?', const=1, type=int", {"type": "integer"}),
        ("'--x', action='store_true'", {"type": "boolean", "default": False}),
        ("'--no-x', dest='x', action='store_false'", {"type": "boolean", "default": True}),
        ("'--x', action=argparse.BooleanOptionalAction, default=True", {"type": "boolean", "default": True}),
        ("'-v', '--x', action='count'", {"type": "integer", "minimum": 0, "maximum": 10}),
        ("'--x', type=str2bool, default=True", {"type": "boolean", "default": True}),
        ("'--x', type=Path, default=Path('runs')", {"type": "string", "default": "runs"}),
        ("'--x', type=positive_int, default=2", {"type": "integer", "default": 2}),
        ("'--long-name', dest='x', type=int", {"type": "integer"}),
        ("'x', nargs='?', type=int", {"type": "integer"}),
        ("'--x', type=int, default=2, help='50%% of %(default)s, as %(type)s'",
         {"type": "integer", "default": 2, "description": "50% of 2, as"}),
    ],
)  # fmt: skip
def test_an_argument_becomes_an_option(tmp_path: Path, call: str, schema: dict[str, Any]) -> None:
    assert properties(tmp_path, f"parser.add_argument({call})") == {"x": schema}


@pytest.mark.parametrize(
    "call", ["'--x', help=argparse.SUPPRESS", "'--x', action='version'", "name", "*names", "f'--{x}'"]
)
def test_an_argument_that_users_cannot_set_is_not_listed(tmp_path: Path, call: str) -> None:
    assert properties(tmp_path, f"parser.add_argument({call})") == {}


def test_constants_groups_and_functions_are_followed(tmp_path: Path) -> None:
    train = described(
        tmp_path,
        '''
        """Trains a model.

        More text.
        """
        import argparse as ap
        MODELS = {"small": build_small, "large": build_large}
        WIDTH: int = 2 ** 7
        DEPTH = -(1 + 1)

        def add_model(parser):
            group = parser.add_argument_group("model")
            group.add_argument("--model", choices=sorted(MODELS), required=True)
            group.add_argument("--width", type=int, default=WIDTH)
            group.add_argument("--depth", type=int, default=DEPTH)

        def parse():
            p = ap.ArgumentParser()
            add_model(p)
            either = p.add_mutually_exclusive_group()
            either.add_argument("--amp", dest="amp", action="store_true")
            either.add_argument("--no-amp", dest="amp", action="store_false")
            p.set_defaults(width=32)
            return p.parse_args()

        parse()
        ''',
    )
    assert train["description"] == "Trains a model."
    assert train["options"]["required"] == ["model"]
    assert train["options"]["properties"] == {
        "model": {"enum": ["large", "small"], "type": "string"},
        "width": {"type": "integer", "default": 32},
        "depth": {"type": "integer", "default": -2},
        "amp": {"type": "boolean", "default": False},
    }


def test_flags_start_with_the_characters_of_the_parser(tmp_path: Path) -> None:
    source = """
        import argparse
        parser = argparse.ArgumentParser(prefix_chars="-+")
        parser.add_argument("+x", "++extra-rows", type=int, default=1)
        parser.add_argument("--alpha", type=float, default=0.1)
        """
    options = described(tmp_path, source)["options"]
    assert set(options["properties"]) == {"extra_rows", "alpha"}
    assert "required" not in options


def test_a_dataset_option_with_choices_is_no_file(tmp_path: Path) -> None:
    train = described(
        tmp_path, "parser.add_argument('--dataset', choices=['mnist', 'cifar'])\nparser.add_argument('data', nargs='?')"
    )
    assert train["settings"] == ["dataset"]
    assert list(train["options"]["properties"]) == ["dataset"]


def test_subcommands_are_left_to_the_arguments(tmp_path: Path) -> None:
    train = described(
        tmp_path,
        """
        import argparse
        parser = argparse.ArgumentParser(description="A tool.")
        fit = parser.add_subparsers().add_parser("fit")
        fit.add_argument("--epochs", type=int)
        """,
    )
    assert (train["settings"], train["options"]["properties"]) == ([], {})
    assert train["description"] == "A tool. Its subcommands are not listed: pass them as arguments."


def test_the_dataclasses_of_transformers_become_options(tmp_path: Path) -> None:
    train = described(
        tmp_path,
        """
        from dataclasses import dataclass, field
        from enum import Enum
        from typing import Literal, Optional
        from transformers import HfArgumentParser, TrainingArguments

        class Head(str, Enum):
            LINEAR = "linear"
            MLP = "mlp"

        @dataclass
        class ModelArguments:
            model_name: str = field(metadata={"help": "Name of the model."})
            revision: Optional[str] = field(default=None)
            use_fast: bool = field(default=True)
            layers: list[int] = field(default_factory=list)
            width: "int | None" = 64
            kind: Literal["small", "large"] = "large"
            head: Head = Head.MLP
            bits: Optional[Literal[4, 8]] = None

        parser = HfArgumentParser((ModelArguments, TrainingArguments))
        """,
    )
    assert train["settings"] == ["epochs", "batch_size", "learning_rate", "seed"]
    assert train["defaults"] == {"epochs": 3, "batch_size": 8, "learning_rate": 5e-5, "seed": 42}
    options = train["options"]
    assert options["required"] == ["model_name"]
    assert options["properties"]["model_name"] == {"type": "string", "description": "Name of the model."}
    assert options["properties"]["use_fast"] == {"type": "boolean", "default": True}
    assert options["properties"]["layers"] == {"type": "array", "items": {"type": "integer"}}
    assert options["properties"]["width"] == {"type": "integer", "default": 64}
    assert options["properties"]["kind"] == {"type": "string", "enum": ["small", "large"], "default": "large"}
    assert options["properties"]["head"] == {"type": "string", "enum": ["linear", "mlp"]}
    assert options["properties"]["bits"] == {"type": "integer", "enum": [4, 8]}
    assert "output folder of the job" in options["properties"]["output_dir"]["description"]


def test_metadata_overrides_the_parser(tmp_path: Path) -> None:
    train = described(
        tmp_path,
        """
        # /// script
        # requires-python = ">=3.10"
        # dependencies = ["pytest", "trainyard"]
        # [tool.trainyard]
        # title = "My model"
        # description = "Trains my model."
        # arguments = ["--data", "{dataset}", "--out={output_dir}", "--seed", "{seed}"]
        # [tool.trainyard.options]
        # lr = 0.1
        # epochs = 5
        # optimizer = ["sgd", "adam"]
        # amp = false
        # dropout = { type = "number", minimum = 0, maximum = 1, flag = "--drop", description = "Fraction dropped." }
        # ///
        import argparse
        parser = argparse.ArgumentParser(description="other")
        parser.add_argument("--hidden-option")
        """,
    )
    assert (train["title"], train["description"], train["available"]) == ("My model", "Trains my model.", True)
    assert train["settings"] == ["epochs", "learning_rate", "seed", "dataset"]
    assert train["defaults"] == {"epochs": 5, "batch_size": None, "learning_rate": 0.1, "seed": None}
    assert train["options"]["properties"] == {
        "optimizer": {"enum": ["sgd", "adam"], "default": "sgd", "type": "string"},
        "amp": {"type": "boolean", "default": False},
        "dropout": {"type": "number", "minimum": 0, "maximum": 1, "description": "Fraction dropped."},
    }
    assert "pytest" in train["versions"]


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ('[tool.trainyard]\ntitel = "x"', "unknown key 'titel' in [tool.trainyard]: use title,"),
        ("[tool.trainyard]\ntitle = 3", "'title' must be a text"),
        ("[tool.trainyard.options.x]\ntype = 'float'", "'options.x.type' must be one of boolean, integer"),
        ("[tool.trainyard.options.x]\nminimum = 'a'", "'options.x.minimum' must be a number"),
        ("[tool.trainyard.options.x]\nmultipleOf = 0", "'options.x.multipleOf' must be a number greater than 0"),
        ("[tool.trainyard.options.x]\nminLength = -1", "'options.x.minLength' must be a whole number of at least 0"),
        ("[tool.trainyard.options.x]\npattern = '('", "'options.x.pattern' must be a regular expression"),
        ("[tool.trainyard.options.x]\nenum = 'ab'", "'options.x.enum' must be a list of choices"),
        ("[tool.trainyard.options.x]\nenum = []", "'options.x.enum' must be a list of choices"),
        ("[tool.trainyard.options.x]\ntitle = 3", "'options.x.title' must be a text"),
        ("[tool.trainyard.options.x]\nuniqueItems = 'yes'", "'options.x.uniqueItems' must be true or false"),
        ("[tool.trainyard.options.x]\ntype = 'array'\nitems = 'x'", "'options.x.items' must be a table"),
        ("[tool.trainyard.options.x]\nitems = {type = 'x'}", "'options.x.items.type' must be one of boolean"),
        ("[tool.trainyard.options.x]\nenum = ['a']\ndefault = 'b'", "'options.x.default' must be one of a"),
        ("[tool.trainyard.options.x]\ntype = 'integer'\ndefault = 1.5", "'options.x.default' must be of the type int"),
        ("[tool.trainyard.options.x]\ndefault = 3\nminimum = 10", "'options.x.default' must be at least 10"),
        ("[tool.trainyard.options.x]\ndefault = 3\nmaximum = 2", "'options.x.default' must be at most 2"),
        ("[tool.trainyard.options]\n'' = 1", "an option in 'options' has no name"),
        ("[tool.trainyard.options.x]\nflag = 'x y'", "'options.x.flag' must be a flag such as '--x'"),
        ("[tool.trainyard.environment]\nA = 1", "'environment.A' must be a variable name with a text"),
        ("title = ", "train.py, metadata block in line 2: Invalid value"),
        ("dependencies = ['x ==']", "Its metadata has a requirement that is not valid"),
        ("requires-python = '<3'", "The script requires Python <3;"),
        ("dependencies = ['pytest<1', 'no-such-package>=2', 'other; python_version < \"3\"']",
         "-m pip install 'pytest<1' 'no-such-package>=2'"),
    ],
)  # fmt: skip
def test_a_problem_of_the_metadata_is_the_reason(tmp_path: Path, block: str, reason: str) -> None:
    lines = "\n".join(f"# {line}" for line in block.splitlines())
    train = described(tmp_path, f"\n# /// script\n{lines}\n# ///\nprint()")
    assert train["available"] is False
    assert reason in train["unavailable_reason"]


def test_a_virtual_environment_next_to_the_script_is_its_interpreter(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "mine" / ".venv"], check=True)
    (site,) = (tmp_path / "mine" / ".venv" / "lib").glob("python*/site-packages")
    package = site / "only_there-1.2.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: only-there\nVersion: 1.2\n")
    source = "# /// script\n# dependencies = ['only-there>=1', {}]\n# ///\nprint()"
    (tmp_path / "mine" / "__main__.py").write_text(source.format(""))
    (tmp_path / "ours.py").write_text(source.format(""))
    found = listed(tmp_path)
    assert (found["mine"]["available"], found["mine"]["versions"]["only-there"]) == (True, "1.2")
    assert "Missing packages. Install them with:" in found["ours"]["unavailable_reason"]
    (tmp_path / "mine" / "__main__.py").write_text(source.format("'pytest'"))
    assert f"{tmp_path}/mine/.venv/bin/python -m pip install pytest" in listed(tmp_path)["mine"]["unavailable_reason"]


def test_a_broken_script_is_listed_with_its_problem_and_affects_no_other(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("print()")
    (tmp_path / "syntax.py").write_text("x = 1\nx = = 2\n")
    (tmp_path / "latin.py").write_bytes(b"print('\xe9')\n")
    (tmp_path / "late.py").write_bytes(b"print()\n\n# r\xe9sum\xe9\n")
    (tmp_path / "coding.py").write_bytes(b"# -*- coding: nothing -*-\nprint()\n")
    (tmp_path / "wide.py").write_bytes(b"# coding: utf-16\nprint(1)\n")
    (tmp_path / "old.py").write_text("print 'x'\n")
    (tmp_path / "null.py").write_bytes(b"print()\0\n")
    (tmp_path / "deep.py").write_text("x = " + "-" * 100_000 + "1\nprint()")
    (tmp_path / "huge.py").write_text("#" * (1 << 20) + "\nprint()")
    (tmp_path / "table.py").write_text("x = 1\n" * 100)
    (tmp_path / "two.py").write_text("print()")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "__main__.py").write_text("print()")
    (tmp_path / "tabular.py").write_text("print()")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    (tmp_path.parent / "outside.py").write_text("print()")
    (tmp_path / "link.py").symlink_to("../outside.py")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "line\nbreak.py").write_text("print()")
    reasons = {name: trainer["unavailable_reason"] for name, trainer in listed(tmp_path).items()}
    assert reasons.pop("good") is None
    for shipped in TRAINERS:  # available or not, as without any script
        del reasons[shipped]
    expected = {
        "syntax": "syntax.py, line 2: SyntaxError: invalid syntax.",
        "latin": "latin.py, line 1, cannot be decoded",
        "late": "late.py, line 3, cannot be decoded: 'utf-8' codec can't decode byte 0xe9",
        "coding": "coding.py cannot be decoded: unknown encoding: nothing. Save it as UTF-8.",
        "wide": "wide.py cannot be decoded: UTF-16 stream does not start with BOM. Save it as UTF-8.",
        "old": "old.py, line 1: SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?",
        "null": "null.py",
        "deep": "deep.py is nested too deeply to be read.",
        "huge": "huge.py is larger than 1 MiB: move data and large tables to other files.",
        "two": "two and two.py have the same name: rename one of them.",
        "tabular.py": "tabular is the name of a trainer of Trainyard: rename tabular.py.",
        "gone": "gone.py is a link to a file that does not exist.",
        "link": "link.py is a link to a file outside the folder: copy the file there.",
        "pipe": "pipe.py is not a regular file.",
        "line\\nbreak": "Its name has more than 100 characters, or characters that cannot be shown: rename it.",
    }
    assert {name: reason[: len(expected.get(name, ""))] for name, reason in reasons.items()} == expected


def test_the_size_of_a_description_is_limited(tmp_path: Path) -> None:
    choices = ["x" * 1_000 + str(number) for number in range(500)]
    long = described(tmp_path, f"parser.add_argument('--x', choices={choices})", "long")
    assert long["unavailable_reason"] == "Its options are too long to be listed: shorten texts and lists of choices."
    assert described(tmp_path, "parser.add_argument('--x')", "short")["available"] is True


def test_the_number_of_scripts_is_limited(tmp_path: Path) -> None:
    for number in range(MAX_SCRIPTS + 5):
        (tmp_path / f"s{number:04}.py").write_text("print()")
    assert len(listed(tmp_path)) == len(TRAINERS) + MAX_SCRIPTS


def test_an_installed_package_adds_trainers_by_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    for folder in ("lab/tools", "lab-1.0.dist-info"):
        (site / folder).mkdir(parents=True)
    (site / "lab" / "__init__.py").write_text("raise SystemExit('imported')")
    (site / "lab" / "tools" / "__main__.py").write_text("parser.add_argument('--epochs', type=int, default=3)")
    (site / "lab" / "fit.py").write_text("def main(): parser.add_argument('--width', type=int)")
    (site / "lab-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: lab\nVersion: 1.0\n")
    (site / "lab-1.0.dist-info" / "entry_points.txt").write_text(
        "[trainyard.trainers]\nlab = lab.tools\nfit = lab.fit:main\ngone = lab.gone\ntaken = lab.fit\n"
    )
    monkeypatch.syspath_prepend(str(site))
    folder = tmp_path / "trainers"
    folder.mkdir()
    (folder / "taken.py").write_text("print()")
    found = listed(folder)
    assert (found["lab"]["source"], found["lab"]["defaults"]["epochs"]) == ("PACKAGE", 3)
    assert list(found["fit"]["options"]["properties"]) == ["width"]
    assert found["gone"]["unavailable_reason"] == "The module lab.gone cannot be found: install the package again."
    assert found["taken"]["source"] == "FOLDER"
    assert "Another trainer has the name taken" in found["taken (lab.fit of lab)"]["unavailable_reason"]
