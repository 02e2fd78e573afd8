"""The command line: ``python -m trainyard <command>``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

# Each command imports its modules when it runs, so that it does not wait for the libraries of other commands.

USER_ERROR = 2
"""Exit code if the user must change the command or the data."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
        if sys.stdout is not None and not sys.stdout.closed:  # as a script may leave it
            sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    return code


def _train(chosen: argparse.Namespace) -> int:
    from trainyard.train import run

    return run(chosen.home, chosen.job_id)


def _run(chosen: argparse.Namespace) -> int:
    from trainyard.scripts.source import UnusableScriptError
    from trainyard.scripts.terminal import run_in_terminal

    try:
        return run_in_terminal(chosen.script, chosen.arguments)
    except UnusableScriptError as error:
        print(f"trainyard run: {error}", file=sys.stderr)
        return USER_ERROR


def _trainers(chosen: argparse.Namespace) -> int:
    from trainyard.trainer_list import list_trainers

    print(json.dumps(list_trainers(chosen.folder, chosen.cache)))
    return 0


def _datasets(chosen: argparse.Namespace) -> int:
    from trainyard.dataset_list import describe_datasets
    from trainyard.files import Home

    _limit_memory(chosen)
    home = Home(chosen.home)
    for description in describe_datasets(home, chosen.names, chosen.at_most, chosen.cpu_seconds, chosen.stop_after):
        print(json.dumps(description), flush=True)
    return 0


def _preview(chosen: argparse.Namespace) -> int:
    from trainyard.dataset_list import preview_dataset
    from trainyard.files import Home

    _limit_memory(chosen)
    preview = preview_dataset(Home(chosen.home), chosen.name, chosen.rows, chosen.cpu_seconds, chosen.options)
    # JSON can contain a lone surrogate ("\\ud800"), which UTF-8 cannot encode.
    print(json.dumps(preview, ensure_ascii=False).encode("utf-8", "replace").decode())
    return 0


def _limit_memory(chosen: argparse.Namespace) -> None:
    from trainyard.cost_limit import limit_memory

    if chosen.memory_mib is not None:
        limit_memory(chosen.memory_mib)


def _predict(chosen: argparse.Namespace) -> int:
    from trainyard.data import InvalidDatasetError

    try:
        from trainyard.trainers.tabular.predict import predict_file

        for warning in predict_file(chosen.model, chosen.data, chosen.output):
            print(f"trainyard predict: {warning}", file=sys.stderr)
    except BrokenPipeError:
        raise
    except (InvalidDatasetError, ImportError, OSError, ValueError) as error:
        print(f"trainyard predict: {error}", file=sys.stderr)
        return USER_ERROR
    return 0


def _export(chosen: argparse.Namespace) -> int:
    from trainyard.prediction.export_command import run_export

    problem = run_export(chosen.model, chosen.output, chosen.memory_mib)
    if chosen.json:
        print(json.dumps({"error": problem}))
        return 0
    if problem is not None:
        print(f"trainyard export: {problem['message']}", file=sys.stderr)
        return USER_ERROR
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainyard",
        description="Commands for training, datasets and predictions. The Trainyard server runs them for its jobs.\n"
        "To start a job, use the API, the page or the trainyard command.",
        epilog=_examples(
            "python -m trainyard trainers",
            "python -m trainyard datasets . sample.csv",
            "python -m trainyard predict --model models/JOB_ID.safetensors --data new.csv --output predictions.csv",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: object, about: str, *examples: str) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = commands.add_parser(
            name,
            help=about,
            description=about,
            epilog=_examples(*examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(run=run)
        return added

    def add_cost_limits(to: argparse.ArgumentParser) -> None:
        to.add_argument("--cpu-seconds", type=float, metavar="SECONDS", help="CPU time limit for each file")
        to.add_argument("--memory-mib", type=int, metavar="MIB", help="memory limit of this process")

    train = command(
        "train",
        _train,
        "Run the training of a job, with the settings in its spec file. The supervisor of the job runs this command.",
        "python -m trainyard train . job_1760320883609_3f7c2d2a",
    )
    train.add_argument("home", type=Path, help="home folder, with artifacts/, models/ and datasets/")
    train.add_argument("job_id", help="job ID; the spec file is artifacts/specs/JOB_ID.json")

    run = command(
        "run",
        _run,
        "Run a training script and show its progress, without a server. The script is not changed.",
        "python -m trainyard run train.py",
        "python -m trainyard run train.py --epochs 3 --lr 0.1",
        "python -m trainyard run vision/ --data images",
    )
    run.add_argument("script", type=Path, help="Python file, or folder with a __main__.py")
    run.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="arguments of the script")

    trainers = command(
        "trainers",
        _trainers,
        "Print the trainers of this Python environment, with options and versions, as one JSON object.",
        "python -m trainyard trainers | python -m json.tool",
        "python -m trainyard trainers --folder trainers",
    )
    trainers.add_argument("--folder", type=Path, help="folder with training scripts, which are trainers too")
    trainers.add_argument("--cache", type=Path, help="cache file for the descriptions of the scripts")

    datasets = command(
        "datasets",
        _datasets,
        "Print format, columns and row count of datasets, as one JSON object per line.",
        "python -m trainyard datasets . sample.csv houses.jsonl",
    )
    datasets.add_argument("home", type=Path, help="home folder, with datasets/")
    datasets.add_argument("names", nargs="+", metavar="NAME", help="file name, relative to HOME/datasets")
    datasets.add_argument(
        "--at-most",
        type=int,
        metavar="BYTES",
        help="maximum amount of text to read from each file; rows is null if the file has more",
    )
    datasets.add_argument(
        "--stop-after", type=float, metavar="SECONDS", help="do not start reading another file after this time"
    )
    add_cost_limits(datasets)

    preview = command(
        "preview",
        _preview,
        "Print the inferred columns and the first rows of a dataset, as one JSON object.",
        "python -m trainyard preview . sample.csv --rows 5 | python -m json.tool",
    )
    preview.add_argument("home", type=Path, help="home folder, with datasets/")
    preview.add_argument("name", metavar="NAME", help="file name, relative to HOME/datasets")
    preview.add_argument("--rows", type=int, default=20, help="maximum number of rows to print (default: 20)")
    preview.add_argument(
        "--options",
        type=json.loads,
        metavar="JSON",
        help="""how to read the file, such as '{"encoding": "gb18030", "header": false}'""",
    )
    add_cost_limits(preview)

    predict = command(
        "predict",
        _predict,
        "Predict with a trained model. Writes the rows of a data file as CSV, with the predictions as added columns.",
        "python -m trainyard predict --model models/JOB_ID.safetensors --data new.csv",
        "python -m trainyard predict --model models/JOB_ID.pt --data new.jsonl --output predictions.csv",
    )
    predict.add_argument("--model", type=Path, required=True, help="checkpoint, .safetensors or .pt")
    predict.add_argument("--data", type=Path, required=True, help="CSV, TSV or JSONL file with the model's columns")
    predict.add_argument("--output", type=Path, help="CSV file to write (default: standard output)")

    export = command(
        "export",
        _export,
        "Export a trained model as ONNX, with one input for each column. Needs the package onnx.",
        "python -m trainyard export --model models/JOB_ID.safetensors --output model.onnx",
    )
    export.add_argument("--model", type=Path, required=True, help="checkpoint, .safetensors or .pt")
    export.add_argument("--output", type=Path, required=True, help="ONNX file to write")
    export.add_argument("--memory-mib", type=int, metavar="MIB", help="memory limit of the export, besides PyTorch")
    export.add_argument("--json", action="store_true", help="print the problem, if there is one, as JSON")
    return parser


def _examples(*lines: str) -> str:
    return "\n".join(("example:" if len(lines) == 1 else "examples:", *(f"  {line}" for line in lines)))


if __name__ == "__main__":
    sys.exit(main())
