"""A tokenizer for a new model, and the chat template for tokenizers without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

END, PAD = "<|end|>", "<|pad|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + eos_token }}{% endgeneration %}"
    "{% else %}{{ message['content'] + eos_token }}{% endif %}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)
"""Marks the tokens of the assistant with `generation`, so that the loss can be limited to them."""

MAX_CHARACTERS = 64 * 1024 * 1024
"""Limit on the text from which the vocabulary is made."""

# The pattern of GPT-2, with marks and joiners inside words: Persian and many Indic words contain U+200C.
_WORDS = Regex(
    r"'(?:[sdmt]|ll|ve|re)| ?[\p{L}\p{M}\u200c\u200d]+| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}\u200c\u200d]+|\s+(?!\S)|\s+"
)


def train_tokenizer(texts: Iterable[str], size: int) -> Any:
    """Train a byte-level BPE tokenizer. It does not normalize, so that every text is decoded exactly.

    Args:
        texts: the training texts, of which the first `MAX_CHARACTERS` are used.
        size: number of tokens at most; fewer if the texts are short.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(_WORDS, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END, PAD, *ROLES],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_beginning(texts), trainer)
    return _wrap(tokenizer)


def tokenizer_from_json(text: str) -> Any:
    """Restore a tokenizer from `tokenizer_to_json`."""
    return _wrap(Tokenizer.from_str(text))


def tokenizer_to_json(tokenizer: Any) -> str:
    """Return a tokenizer from `train_tokenizer` as JSON text."""
    text: str = tokenizer.backend_tokenizer.to_str()
    return text


def _wrap(tokenizer: Any) -> Any:
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def _beginning(texts: Iterable[str]) -> Iterator[str]:
    left = MAX_CHARACTERS
    for text in texts:
        yield text[:left]
        left -= len(text)
        if left <= 0:
            return
