"""Run trainings of language models in the process of the test, on small texts that are made here."""

# ruff: noqa: RUF001 - Persian letters are not Latin ones

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from job_under_test import JobUnderTest

from trainyard.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers import language_model

# Small enough for seconds on a CPU; saves happen only where a test enables them.
OPTIONS = {"device": "cpu", "threads": 1, "sequence_length": 32, "sample_tokens": 12, "checkpoint_every_seconds": 0}
SETTINGS = {"batch_size": 8, "learning_rate": 0.003, "seed": 3}


class LanguageJob(JobUnderTest):
    """A job of the trainer `language-model`."""

    def __init__(self, path: Path, data: Path | None = None, options: dict[str, Any] | None = None) -> None:
        super().__init__(path)
        self.data = data or self.dataset("story.txt", story(120))
        self.options = {**OPTIONS, **(options or {})}
        self.number = 0

    def attempt(self, epochs: int = 3, reporter: Callable[..., Reporter] = Reporter, **changes: Any) -> dict[str, Any]:
        """Run the next attempt; `epochs` is the total. Returns the last status."""
        self.number += 1
        if self.number == 1:
            settings = {**SETTINGS, "epochs": epochs, **changes}
            self.spec(
                trainer="language-model", backend="AUTO", dataset=self.data.name, options=self.options, **settings
            )
        self.queue(self.number, epochs)
        with reporter(self.home, self.job_id, self.number, every=1) as report:
            spec = replace(Spec.read(self.home, self.job_id), epochs=epochs)
            language_model.train(spec, self.data, self.home.checkpoint(self.job_id), report)
        return self.status()

    @property
    def outputs(self) -> Path:
        return self.home.outputs(self.job_id)

    def values(self, name: str) -> list[float]:
        """Every reported value of a metric, in order."""
        return [line["values"][name] for line in self.metrics() if name in line["values"]]


def story(sentences: int, seed: int = 0) -> str:
    """A text of simple sentences, one per line."""
    chance = random.Random(seed)
    animals, places = ("cat", "dog", "bird", "fox"), ("house", "garden", "river", "wood")
    return "".join(f"The {chance.choice(animals)} sleeps in the {chance.choice(places)}.\n" for _ in range(sentences))


def persian_story(sentences: int, seed: int = 0) -> str:
    """A Persian text with zero-width non-joiners (U+200C) inside words, one sentence per line."""
    chance = random.Random(seed)
    people, places = ("کودک", "پدر", "مادر", "دوست"), ("خانه", "باغ", "مدرسه", "کتاب‌خانه")
    return "".join(
        f"{chance.choice(people)} به {chance.choice(places)} می‌رود و کتاب‌ها را می‌خواند.\n" for _ in range(sentences)
    )


def chats(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Questions about sums of small numbers, with answers."""
    chance = random.Random(seed)
    numbers = [(chance.randint(0, 9), chance.randint(0, 9)) for _ in range(count)]
    return [
        {
            "messages": [
                {"role": "system", "content": "Add the numbers."},
                {"role": "user", "content": f"{a} and {b}"},
                {"role": "assistant", "content": f"The sum is {a + b}."},
            ]
        }
        for a, b in numbers
    ]


def jsonl(records: list[Any]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
