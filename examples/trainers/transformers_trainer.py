"""Text classification with the Trainer of Transformers, and a tiny model that is made on the spot."""

from dataclasses import dataclass, field

import numpy as np
import torch
from transformers import BertConfig, BertForSequenceClassification, HfArgumentParser, Trainer, TrainingArguments


@dataclass
class DataArguments:
    samples: int = field(default=256, metadata={"help": "number of texts to train on"})


@dataclass
class Arguments(TrainingArguments):
    output_dir: str = field(default="results")
    num_train_epochs: float = field(default=3)
    per_device_train_batch_size: int = field(default=16)
    learning_rate: float = field(default=1e-3)
    logging_steps: float = field(default=5)
    eval_strategy: str = field(default="epoch")
    save_strategy: str = field(default="epoch")
    save_total_limit: int = field(default=2)
    report_to: str = field(default="none")
    use_cpu: bool = field(default=True)


class Texts(torch.utils.data.Dataset):
    """Sequences of 16 tokens. The label is 1 if token 3 occurs."""

    def __init__(self, count, seed):
        generator = torch.Generator().manual_seed(seed)
        self.tokens = torch.randint(4, 40, (count, 16), generator=generator)
        self.labels = torch.randint(0, 2, (count,), generator=generator)
        self.tokens[self.labels == 1, 5] = 3

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return {"input_ids": self.tokens[index], "labels": self.labels[index]}


def accuracy(prediction):
    logits, labels = prediction
    return {"accuracy": float((np.argmax(logits, axis=-1) == labels).mean())}


def main():
    data_args, training_args = HfArgumentParser((DataArguments, Arguments)).parse_args_into_dataclasses()
    config = BertConfig(
        vocab_size=40,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=16,
    )
    trainer = Trainer(
        model=BertForSequenceClassification(config),
        args=training_args,
        train_dataset=Texts(data_args.samples, 0),
        eval_dataset=Texts(128, 1),
        compute_metrics=accuracy,
    )
    trainer.train()
    print(trainer.evaluate())


if __name__ == "__main__":
    main()
