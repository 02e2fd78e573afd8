"""Let a model write a sample text, which shows what it has learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from trainyard.trainers.language_model.documents import Document, Messages
from trainyard.trainers.language_model.examples import chat_tokens
from trainyard.trainers.tabular.random_state import random_state, set_random_state

_PROMPT_CHARACTERS = 60


@dataclass(frozen=True)
class Prompt:
    """The start of a sample: its text for people, and its tokens."""

    text: str
    tokens: list[int]


def make_prompt(given: str | None, document: Document, tokenizer: Any) -> Prompt:
    """Return the prompt for a sample.

    Args:
        given: the option `prompt`. Default: the beginning of the document.
        document: a validation document. If it is a chat, the prompt is a question in the chat template.
    """
    if isinstance(document.content, str):
        text = given or _beginning(document.content)
        return Prompt(text, tokenizer(text)["input_ids"] or [tokenizer.eos_token_id])
    messages: Messages = [{"role": "user", "content": given}] if given else _question(document.content)
    tokens = chat_tokens(tokenizer, messages, add_generation_prompt=True)["input_ids"]
    return Prompt("".join(f"{message['role']}: {message['content']}\n" for message in messages) + "assistant: ", tokens)


def write_sample(model: Any, tokenizer: Any, prompt: Prompt, count: int, context: int, seed: int) -> str:
    """Return the continuation of a prompt. Does not change the random state of the training.

    Args:
        count: number of tokens at most, and at most half of the context.
        context: maximum number of tokens in a sequence; a prompt that is too long loses its first ones.
        seed: the same model and seed give the same text.
    """
    count = min(count, context // 2)
    tokens = prompt.tokens[-(context - count) :]
    device = model.device
    saved = random_state(device)
    model.eval()
    try:
        torch.manual_seed(seed)
        inputs = torch.tensor([tokens], device=device)
        with torch.no_grad():
            output = model.generate(
                input_ids=inputs,
                attention_mask=torch.ones_like(inputs),
                max_new_tokens=count,
                do_sample=True,
                temperature=0.8,
                top_k=50,
                pad_token_id=tokenizer.pad_token_id,
                eos_token_id=tokenizer.eos_token_id,
            )
    finally:
        set_random_state(saved, device)
    # The last token can end within a character.
    text: str = tokenizer.decode(output[0, len(tokens) :], skip_special_tokens=True)
    return text.rstrip("\ufffd")


def _beginning(text: str) -> str:
    """Return the first words of a text, without the space before the next word."""
    text = text.lstrip()
    if len(text) <= _PROMPT_CHARACTERS:
        return text[: len(text) // 2].rstrip() or text
    words = text[:_PROMPT_CHARACTERS].rpartition(" ")[0]
    return words.rstrip() or text[:_PROMPT_CHARACTERS]


def _question(messages: Messages) -> Messages:
    """Return the messages before the first answer; the whole chat if it begins with an answer."""
    first = next(place for place, message in enumerate(messages) if message["role"] == "assistant")
    return messages[:first] or messages
