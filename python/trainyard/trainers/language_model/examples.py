"""Tokenize documents into sequences, and collect sequences into batches."""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trainyard.data import InvalidDatasetError
from trainyard.trainers.language_model.documents import Document, Messages

IGNORED = -100
"""Label of a token that does not count in the loss."""

# A long text is tokenized in pieces of about this many characters, between which a stop request is noticed.
_PIECE_CHARACTERS = 1 << 18
_GENERATION = re.compile(r"\{%-?\s*generation\s*-?%\}")


@dataclass(frozen=True)
class Batch:
    """Sequences of equal length, padded at the end. All tensors have the shape (sequences, tokens)."""

    tokens: Tensor
    mask: Tensor
    """1 for tokens, 0 for padding."""
    labels: Tensor
    """The token, or `IGNORED`. Not shifted: position t is predicted from the positions before it."""

    @property
    def counted(self) -> int:
        """Number of tokens that count in the loss. The first token of a sequence never does."""
        return int((self.labels[:, 1:] != IGNORED).sum())


@dataclass(frozen=True)
class Examples:
    """Tokenized sequences."""

    tokens: Tensor
    """All tokens in a row, shape (tokens,), int32."""
    counts: Tensor
    """Whether each token counts in the loss, shape (tokens,), bool."""
    spans: Tensor
    """First token and end of each sequence, shape (sequences, 2), int64."""

    def __len__(self) -> int:
        return len(self.spans)

    def digest(self) -> str:
        """Return the SHA-256 digest of the sequences as a hexadecimal string."""
        digest = hashlib.sha256()
        for tensor in (self.tokens, self.counts, self.spans):
            digest.update(tensor.numpy().tobytes())
        return digest.hexdigest()

    def batch(self, indices: list[int], pad: int, device: torch.device) -> Batch:
        """Return the sequences with these indices as a batch, padded with the token `pad`."""
        spans = [self.spans[index].tolist() for index in indices]
        shape = (len(spans), max(end - start for start, end in spans))
        tokens, labels = torch.full(shape, pad), torch.full(shape, IGNORED)
        mask = torch.zeros(shape, dtype=torch.long)
        for row, (start, end) in enumerate(spans):
            length = end - start
            tokens[row, :length] = self.tokens[start:end]
            mask[row, :length] = 1
            labels[row, :length] = torch.where(self.counts[start:end], self.tokens[start:end].long(), IGNORED)
        return Batch(tokens.to(device), mask.to(device), labels.to(device))


def make_examples(
    documents: list[Document],
    tokenizer: Any,
    length: int,
    packing: bool,
    path: Path,
    check_stop: Callable[[], None],
) -> Examples:
    """Tokenize documents and cut them into sequences of at most `length` tokens, of which at least one counts.

    Args:
        documents: texts end with the end token; chats use the chat template. If it marks the tokens of the assistant,
            only they count in the loss.
        packing: concatenate the documents first.
        path: the dataset, for errors.
        check_stop: called for each document; raises to end.

    Raises:
        InvalidDatasetError: the chat template rejects a chat.
    """
    tokens, counts = array("i"), bytearray()
    ends = []
    for document in documents:
        for ids, counted in _tokenize(document, tokenizer, path, check_stop):
            tokens.extend(ids)
            counts.extend(counted)
        ends.append(len(tokens))
    if packing:
        ends = ends[-1:]
    # A sequence needs a counted token after its first one.
    spans = [span for span in _spans(ends, length) if any(counts[span[0] + 1 : span[1]])]
    return Examples(
        torch.tensor(tokens, dtype=torch.int32),
        torch.tensor(counts, dtype=torch.bool),
        torch.tensor(spans, dtype=torch.int64).reshape(-1, 2),
    )


def marks_assistant(tokenizer: Any) -> bool:
    """Whether the chat template marks the tokens of the assistant."""
    return isinstance(tokenizer.chat_template, str) and bool(_GENERATION.search(tokenizer.chat_template))


def chat_tokens(tokenizer: Any, messages: Messages, **options: Any) -> Any:
    """Apply the chat template. Returns `input_ids`, and `assistant_masks` if requested with an option."""
    return tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True, **options)


def _spans(ends: list[int], length: int) -> Iterator[tuple[int, int]]:
    start = 0
    for end in ends:
        for first in range(start, end, length):
            yield first, min(first + length, end)
        start = end


def _tokenize(
    document: Document, tokenizer: Any, path: Path, check_stop: Callable[[], None]
) -> Iterator[tuple[list[int], bytes]]:
    """Yield the tokens of a document in pieces, with 1 for each that counts."""
    content = document.content
    check_stop()
    if not isinstance(content, str):
        marked = marks_assistant(tokenizer)
        try:
            encoded = chat_tokens(tokenizer, content, return_assistant_tokens_mask=marked)
        # Jinja and the template itself raise errors of many types.
        except Exception as error:
            problem = f"the chat template of the model rejects the messages: {error}"
            raise InvalidDatasetError(problem, path=path, line=document.line) from error
        ids = encoded["input_ids"]
        yield ids, bytes(encoded["assistant_masks"]) if marked else b"\1" * len(ids)
        return
    first = tokenizer("")["input_ids"][:1]
    if first and first[0] == tokenizer.bos_token_id:
        yield first, b"\1"
    for piece in _pieces(content):
        check_stop()
        ids = tokenizer(piece, add_special_tokens=False, verbose=False)["input_ids"]
        yield ids, b"\1" * len(ids)
    yield [tokenizer.eos_token_id], b"\1"


def _pieces(text: str) -> Iterator[str]:
    """Cut a text at line ends where possible."""
    start = 0
    while start < len(text):
        end = start + _PIECE_CHARACTERS
        if end < len(text):
            end = text.rfind("\n", start, end) + 1 or end
        yield text[start:end]
        start = end
