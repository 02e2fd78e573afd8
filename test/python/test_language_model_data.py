"""Reading texts and chats, tokenizing them exactly, and choosing the tokens that count."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")
pytest.importorskip("transformers", reason="Transformers is not installed")
os.environ["HF_HUB_OFFLINE"] = "1"

from language_job import chats, jsonl, persian_story, story

from trainyard.data import InvalidDatasetError
from trainyard.trainers.language_model.documents import Document, read_documents, split_documents
from trainyard.trainers.language_model.examples import IGNORED, Examples, make_examples
from trainyard.trainers.language_model.tokenizer import tokenizer_from_json, tokenizer_to_json, train_tokenizer

ZWNJ = "\u200c"


def read(tmp_path: Path, name: str, text: str) -> list[Document]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    return read_documents(path, lambda: None)


def examples(documents: list[Document], tokenizer: Any, length: int = 32, packing: bool = True) -> Examples:
    return make_examples(documents, tokenizer, length, packing, Path("data.jsonl"), lambda: None)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"text": "no end', "invalid JSON (Unterminated string"),
        ('["a", "b"]', "expected a JSON object"),
        ('{"prompt": "a"}', "neither a text in 'text' nor a list in 'messages'"),
        ('{"text": 5}', "neither a text in 'text'"),
        ('{"messages": ["hello"]}', "message 1 is not an object"),
        (
            '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant"}]}',
            "message 2 has no text in 'content'",
        ),
        ('{"messages": [{"role": 1, "content": "a"}]}', "message 1 has no text in 'role'"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "no message has the role 'assistant'"),
        ("[" * 100_000, "the JSON cannot be read"),
        ('{"text": ' + "1" * 5000 + "}", "the JSON cannot be read"),
    ],
)
def test_an_unusable_line_is_named_with_file_and_line(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        read(tmp_path, "chat.jsonl", '{"text": "fine"}\n\n' + line + "\n")
    assert str(caught.value).startswith(f"chat.jsonl, line 3: {problem}")


@pytest.mark.parametrize(
    ("name", "text"), [("a.txt", ""), ("a.txt", " \n\n"), ("a.jsonl", ""), ("a.jsonl", '{"text": ""}')]
)
def test_a_file_without_text_is_an_error(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(InvalidDatasetError, match="the file contains no text"):
        read(tmp_path, name, text)


def test_a_table_is_refused_with_the_formats_that_can_be_used(tmp_path: Path) -> None:
    with pytest.raises(InvalidDatasetError, match=r"sample\.csv: this is a table; expected a text file"):
        read(tmp_path, "sample.csv", "x,y\n1,2\n")


def test_text_that_is_not_utf_8_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"fine\ncaf\xe9\n")
    with pytest.raises(
        InvalidDatasetError, match=r"latin\.txt, line 2: byte 4 of the line \(0xE9, after 'caf'\) is not valid UTF-8"
    ):
        read_documents(path, lambda: None)


def test_compressed_files_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl.gz"
    path.write_bytes(gzip.compress(jsonl([{"text": "one"}, *chats(1)]).encode()))
    first, second = read_documents(path, lambda: None)
    assert (first.text, second.line) == ("one", 2)
    assert isinstance(second.content, list) and [message["role"] for message in second.content][-1] == "assistant"


def test_lone_surrogates_of_json_are_replaced(tmp_path: Path) -> None:
    (document,) = read(tmp_path, "a.jsonl", '{"text": "a \\ud800 b"}')
    assert document.text == "a ? b"


def test_the_split_is_disjoint_and_complete_and_depends_on_the_seed(tmp_path: Path) -> None:
    documents = [Document(f"text {number}", number) for number in range(20)]
    splits = [split_documents(documents, 0.25, seed, tmp_path) for seed in (0, 0, 1)]
    training, validation = splits[0]
    assert len(validation) == 5 and sorted([*training, *validation], key=lambda each: each.line) == documents
    assert splits[0] == splits[1] != splits[2]


def test_a_single_text_is_split_at_the_end_of_a_line(tmp_path: Path) -> None:
    (training,), (validation,) = split_documents([Document(story(50))], 0.1, 0, tmp_path)
    assert training.text + validation.text == story(50)
    assert training.text.endswith(".\n") and 0 < len(validation.text) < 0.15 * len(story(50))


def test_a_single_chat_cannot_be_split(tmp_path: Path) -> None:
    with pytest.raises(InvalidDatasetError, match="there is only one chat"):
        split_documents([Document(chats(1)[0]["messages"])], 0.1, 0, tmp_path)


@pytest.mark.parametrize(
    "text", [persian_story(30), story(5), "ﻻ e\u0301 \u200d 👩\u200d👩\u200d👧 \t  x\r\n", " a <|end|> b "]
)
def test_the_tokenizer_returns_every_text_exactly(text: str) -> None:
    tokenizer = train_tokenizer([persian_story(200)], 400)
    for each in (tokenizer, tokenizer_from_json(tokenizer_to_json(tokenizer))):
        ids = each(text)["input_ids"]
        assert each.decode(ids) == text


def test_persian_words_with_a_joiner_become_one_token() -> None:
    tokenizer = train_tokenizer([persian_story(200)], 1024)
    text = f" می{ZWNJ}خواند"
    assert text in persian_story(200)
    (token,) = tokenizer(text)["input_ids"]
    assert tokenizer.decode([token]) == text
    assert ZWNJ in tokenizer.decode([token])


def test_packing_fills_sequences_and_loses_no_token() -> None:
    documents = [Document(story(count, count)) for count in (1, 7, 3)]
    tokenizer = train_tokenizer([story(50)], 400)
    packed, single = (examples(documents, tokenizer, 16, packing) for packing in (True, False))
    assert torch.equal(packed.tokens, single.tokens)
    lengths = [(spans[:, 1] - spans[:, 0]).tolist() for spans in (packed.spans, single.spans)]
    assert set(lengths[0][:-1]) == {16} and len(lengths[0]) < len(lengths[1])
    assert [tokenizer.decode(packed.tokens.tolist())] == ["<|end|>".join([*(each.text for each in documents), ""])]


def test_padding_counts_neither_in_the_loss_nor_in_attention() -> None:
    tokenizer = train_tokenizer([story(50)], 400)
    made = examples([Document("The cat sleeps."), Document("The dog sleeps in the river.")], tokenizer, 32, False)
    batch = made.batch([0, 1], tokenizer.pad_token_id, torch.device("cpu"))
    length = int(batch.mask[0].sum())
    assert length < batch.tokens.shape[1] == int(batch.mask[1].sum())
    assert set(batch.labels[0, length:].tolist()) == {IGNORED}
    assert batch.labels[0, :length].tolist() == batch.tokens[0, :length].tolist()
    assert batch.counted == length - 1 + batch.tokens.shape[1] - 1


def test_only_the_answers_of_a_chat_count() -> None:
    tokenizer = train_tokenizer([story(50)], 400)
    messages = [*chats(1)[0]["messages"], {"role": "user", "content": "more"}, {"role": "assistant", "content": "No."}]
    made = examples([Document(messages)], tokenizer, 512)
    batch = made.batch([0], tokenizer.pad_token_id, torch.device("cpu"))
    counted = batch.labels[0][batch.labels[0] != IGNORED].tolist()
    assert tokenizer.decode(counted) == f"{messages[2]['content']}<|end|>No.<|end|>"
    assert tokenizer.decode(batch.tokens[0].tolist()).startswith("<|system|>\nAdd the numbers.<|end|>\n<|user|>\n")


def test_all_tokens_of_a_chat_count_if_the_template_does_not_mark_answers() -> None:
    tokenizer = train_tokenizer([story(50)], 400)
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }} {% endfor %}"
    made = examples([Document(chats(1)[0]["messages"])], tokenizer, 512)
    assert bool(made.counts.all()) and len(made.tokens) > 10


def test_a_chat_that_the_template_rejects_is_named_with_file_and_line() -> None:
    tokenizer = train_tokenizer([story(50)], 400)
    tokenizer.chat_template = "{{ raise_exception('roles must alternate') }}"
    with pytest.raises(InvalidDatasetError, match=r"data\.jsonl, line 7: the chat template .* roles must alternate"):
        examples([Document(chats(1)[0]["messages"], 7)], tokenizer)


def test_sequences_without_a_token_to_learn_are_left_out() -> None:
    tokenizer = train_tokenizer([story(50)], 400)
    messages = [{"role": "user", "content": story(20)}, {"role": "assistant", "content": "Yes."}]
    made = examples([Document(messages)], tokenizer, 16, packing=False)
    assert 1 <= len(made) <= 2 < len(made.tokens) / 16
