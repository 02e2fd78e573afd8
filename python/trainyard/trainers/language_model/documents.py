"""Read the texts and chats of a dataset, and split them into training and validation."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainyard.data import InvalidDatasetError
from trainyard.data.lines import read_lines

MAX_CHARACTERS = 512 * 1024 * 1024
"""Limit on the text of a dataset, which is kept in memory."""

_JSONL = (".jsonl", ".ndjson", ".json")
_TABLES = (".csv", ".tsv", ".tab")
_EXAMPLE = (
    '{"text": "..."} or {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}'
)

Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Document:
    """A text, or the messages of a chat, each with `role` and `content`."""

    content: str | Messages
    line: int = 1
    """Line of the file, from 1."""

    @property
    def text(self) -> str:
        """The text, or the contents of the messages, one per line."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(message["content"] for message in self.content)


def read_documents(path: Path, check_stop: Callable[[], None]) -> list[Document]:
    """Read a dataset: one document of a text file, or one for each line of a JSONL file. Empty ones are left out.

    Args:
        path: `.jsonl`, `.ndjson` or `.json` for JSONL; any other name that is not a table for text. Plain or gzip.
        check_stop: called for each line; raises to end.

    Raises:
        InvalidDatasetError: not UTF-8 text, empty, too large, or a line that is neither a text nor a chat.
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(_TABLES):
        raise InvalidDatasetError(f"this is a table; expected a text file (.txt), or JSONL with {_EXAMPLE}.", path=path)
    is_jsonl = name.endswith(_JSONL)
    documents: list[Document] = []
    lines: list[str] = []
    characters = 0
    for number, line in read_lines(path):
        check_stop()
        characters += len(line)
        if characters > MAX_CHARACTERS:
            raise InvalidDatasetError(
                f"the text is longer than the limit of {MAX_CHARACTERS // 2**20} million characters. Use a part of it.",
                path=path,
                line=number,
            )
        if not is_jsonl:
            lines.append(line)
        elif line.strip():
            documents.append(_document(line, path, number))
    if lines:
        documents.append(Document("".join(lines)))
    documents = [document for document in documents if document.text.strip()]
    if not documents:
        raise InvalidDatasetError("the file contains no text.", path=path)
    return documents


def split_documents(
    documents: list[Document], fraction: float, seed: int, path: Path
) -> tuple[list[Document], list[Document]]:
    """Split into training and validation: at random, or a single text at the end of a line.

    Args:
        fraction: share of the documents, or of the characters of a single text, for validation; at least one.

    Raises:
        InvalidDatasetError: there is only one chat.
    """
    if len(documents) > 1:
        order = list(range(len(documents)))
        random.Random(seed).shuffle(order)
        count = min(max(1, round(fraction * len(documents))), len(documents) - 1)
        return [documents[i] for i in sorted(order[count:])], [documents[i] for i in sorted(order[:count])]
    text = documents[0].content
    if not isinstance(text, str):
        raise InvalidDatasetError("there is only one chat; add another one, for validation.", path=path)
    wanted = round(len(text) * (1 - fraction))
    cut = text.rfind("\n", 0, wanted) + 1 or wanted
    return [Document(text[:cut])], [Document(text[cut:])]


def _document(line: str, path: Path, number: int) -> Document:
    def invalid(problem: str) -> InvalidDatasetError:
        return InvalidDatasetError(problem, path=path, line=number)

    try:
        value: Any = json.loads(line.rstrip("\r\n"))
    except json.JSONDecodeError as error:
        raise invalid(f"invalid JSON ({error.msg}, character {error.pos + 1}); expected {_EXAMPLE}.") from error
    except (RecursionError, ValueError) as error:  # ValueError: an integer of thousands of digits
        raise invalid(f"the JSON cannot be read ({error}); expected {_EXAMPLE}.") from error
    if not isinstance(value, dict):
        raise invalid(f"expected a JSON object: {_EXAMPLE}.")
    if isinstance(value.get("text"), str):
        return Document(_well_formed(value["text"]), number)
    messages = value.get("messages")
    if not isinstance(messages, list):
        raise invalid(f"neither a text in 'text' nor a list in 'messages'; expected {_EXAMPLE}.")
    chat: Messages = []
    for position, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            raise invalid(f"message {position} is not an object; expected {_EXAMPLE}.")
        for key in ("role", "content"):
            if not isinstance(message.get(key), str):
                raise invalid(f"message {position} has no text in {key!r}; expected {_EXAMPLE}.")
        chat.append({key: _well_formed(message[key]) for key in ("role", "content")})
    if not any(message["role"] == "assistant" for message in chat):
        raise invalid("no message has the role 'assistant': there is no answer to learn.")
    return Document(chat, number)


def _well_formed(text: str) -> str:
    """Replace lone surrogates, which JSON can contain and no tokenizer accepts."""
    return text.encode("utf-8", "replace").decode("utf-8")
