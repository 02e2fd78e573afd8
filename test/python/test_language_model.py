"""The trainer `language-model` learns, writes a sample and saves a model that Transformers loads, on a CPU."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")
transformers = pytest.importorskip("transformers", reason="Transformers is not installed")
pytest.importorskip("peft", reason="PEFT is not installed")
os.environ["HF_HUB_OFFLINE"] = "1"

from language_job import LanguageJob, chats, jsonl, persian_story, story
from safetensors.torch import load_file

from trainyard.data import InvalidDatasetError
from trainyard.failure import is_for_users
from trainyard.trainers.language_model.examples import IGNORED, Batch
from trainyard.trainers.language_model.learner import Learner, learning_rate, picks_bfloat16
from trainyard.trainers.language_model.model_source import SIZES, UnusableModelError, new_model
from trainyard.trainers.language_model.options import Options
from trainyard.trainers.language_model.training import DivergedError


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> LanguageJob:
    job = LanguageJob(tmp_path_factory.mktemp("trained"))
    job.data = job.dataset("story.txt", story(400))
    job.attempt(epochs=6)
    return job


def test_a_new_model_learns_a_text(trained: LanguageJob) -> None:
    status = trained.status()
    assert (status["status"], status["progress"], status["epoch"]) == ("COMPLETED", 100, 6)
    losses = trained.values("eval_loss")
    assert len(losses) == 6 and losses == sorted(losses, reverse=True)
    assert losses[-1] < 1.5 < math.log(len(tokenizer_of(trained)))  # that of a guess
    assert trained.values("perplexity") == pytest.approx([math.exp(loss) for loss in losses])


def test_the_sample_is_a_file_and_the_message(trained: LanguageJob) -> None:
    sample = (trained.outputs / "sample.txt").read_text()
    assert sample.startswith("The ") and len(sample) > 60
    assert trained.status()["message"].startswith("Perplexity ")
    assert "Sample: The " in trained.status()["message"] and "\n" not in trained.status()["message"]


def test_the_model_folder_loads_in_transformers_and_has_the_reported_loss(trained: LanguageJob) -> None:
    folder = trained.outputs / "model"
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = tokenizer_of(trained)
    ids = torch.tensor([tokenizer("The cat sleeps in the garden.\nThe dog sleeps in the river.\n")["input_ids"]])
    with torch.no_grad():
        assert float(model(input_ids=ids, labels=ids).loss) < 2.0
    checkpoint = trained.home.path / trained.status()["checkpoint"]
    assert checkpoint.samefile(folder / "model.safetensors")
    assert sorted(path.name for path in trained.outputs.iterdir()) == ["model", "sample.txt"]


def tokenizer_of(job: LanguageJob) -> Any:
    return transformers.AutoTokenizer.from_pretrained(job.outputs / "model")


def test_a_persian_text_is_learned_and_written_with_its_joiners(tmp_path: Path) -> None:
    job = LanguageJob(tmp_path, options={"configuration": "tiny", "sequence_length": 64, "sample_tokens": 32})
    job.data = job.dataset("داستان.txt", persian_story(600))
    job.attempt(epochs=5, learning_rate=0.01)
    losses = job.values("eval_loss")
    assert losses[-1] < 0.5 * losses[0]
    sample = (job.outputs / "sample.txt").read_text(encoding="utf-8")
    assert "\u200c" in sample and "می‌رود" in sample
    assert "\ufffd" not in sample
    assert "می‌رود" in job.status()["message"]
    tokenizer = tokenizer_of(job)
    assert tokenizer.decode(tokenizer(persian_story(3, 1))["input_ids"]) == persian_story(3, 1)


def test_chats_teach_the_answers(tmp_path: Path) -> None:
    job = LanguageJob(tmp_path, options={"packing": False, "sequence_length": 64, "prompt": "2 and 3"})
    job.data = job.dataset("chat.jsonl", jsonl(chats(200)))
    job.attempt(epochs=4, learning_rate=0.01)
    assert job.values("eval_loss")[-1] < 1.0
    sample = (job.outputs / "sample.txt").read_text()
    assert sample.startswith("user: 2 and 3\nassistant: The sum is ")


def test_adapters_change_few_weights_and_the_merged_model_is_saved(tmp_path: Path, trained: LanguageJob) -> None:
    job = LanguageJob(tmp_path, options={"model": "mine/base", "lora_rank": 4})
    base = job.home.path / "models/mine/base"
    shutil.copytree(trained.outputs / "model", base)
    job.data = job.dataset("other.txt", story(200).replace("sleeps", "eats").replace("The", "A"))
    job.attempt(epochs=3, learning_rate=0.01)
    losses = job.values("eval_loss")
    assert losses[-1] < losses[0]
    before, after = load_file(base / "model.safetensors"), load_file(job.outputs / "model/model.safetensors")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed and all(name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")) for name in changed)
    adapter = load_file(job.outputs / "adapter/adapter_model.safetensors")
    assert all(4 in weight.shape for weight in adapter.values())
    # The adapters on the base are the merged model.
    peft = pytest.importorskip("peft")
    loaded = peft.PeftModel.from_pretrained(
        transformers.AutoModelForCausalLM.from_pretrained(base), job.outputs / "adapter"
    ).eval()
    merged = transformers.AutoModelForCausalLM.from_pretrained(job.outputs / "model").eval()
    ids = torch.arange(20)[None]
    with torch.no_grad():
        torch.testing.assert_close(loaded(input_ids=ids).logits, merged(input_ids=ids).logits, rtol=1e-4, atol=1e-4)


def test_the_model_of_a_job_can_be_trained_further(tmp_path: Path, trained: LanguageJob) -> None:
    job = LanguageJob(tmp_path, trained.data, {"model": "job_1760000000000_aaaaaaaa"})
    shutil.copytree(trained.outputs, job.home.outputs("job_1760000000000_aaaaaaaa"))
    job.attempt(epochs=1, learning_rate=1e-5)
    assert job.values("eval_loss")[0] == pytest.approx(trained.values("eval_loss")[-1], abs=0.05)


@pytest.mark.parametrize(
    "name", ["missing", "org/missing", "../models", "..", ".", "/etc", "models/../../x", "outside"]
)
def test_a_model_that_is_not_in_the_home_or_the_cache_is_refused(
    tmp_path: Path, trained: LanguageJob, name: str
) -> None:
    job = LanguageJob(tmp_path / "home", options={"model": name})
    (job.home.path / "models").mkdir()
    shutil.copytree(trained.outputs / "model", tmp_path / "x")
    (job.home.path / "models/outside").symlink_to(tmp_path / "x")
    with pytest.raises(UnusableModelError, match=r"not found: .* copy the folder of the model into models/"):
        job.attempt()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"sequence_length": 64}, "sequence_length must be at most 32, the context of the model 'base'; it was 64"),
        ({"config": "tiny"}, "Unknown option 'config' of the language-model trainer. Did you mean 'configuration'"),
        ({"model": None, "lora_rank": 4}, "lora_rank needs the option model"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    tmp_path: Path, trained: LanguageJob, options: dict[str, Any], problem: str
) -> None:
    job = LanguageJob(tmp_path, options={"model": "base", **options})
    shutil.copytree(trained.outputs / "model", job.home.path / "models/base")
    with pytest.raises(ValueError, match=problem) as raised:
        job.attempt()
    assert is_for_users(raised.value)  # the job shows the message without a traceback


def test_weights_that_could_run_code_are_refused(tmp_path: Path, trained: LanguageJob) -> None:
    job = LanguageJob(tmp_path, options={"model": "base"})
    base = job.home.path / "models/base"
    shutil.copytree(trained.outputs / "model", base)
    torch.save(load_file(base / "model.safetensors"), base / "pytorch_model.bin")
    (base / "model.safetensors").unlink()
    with pytest.raises(UnusableModelError, match="Cannot load the model 'base'"):
        job.attempt()


def test_a_model_without_a_tokenizer_is_refused(tmp_path: Path, trained: LanguageJob) -> None:
    job = LanguageJob(tmp_path, options={"model": "base"})
    base = job.home.path / "models/base"
    shutil.copytree(trained.outputs / "model", base, ignore=shutil.ignore_patterns("*token*"))
    with pytest.raises(UnusableModelError, match="The folder of the model 'base' has no tokenizer"):
        job.attempt()


def test_little_text_for_a_new_model_is_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = LanguageJob(tmp_path)
    job.data = job.dataset("short.txt", "The cat sees the dog.")
    job.attempt()
    assert "short.txt: 1 text for training" in (printed := capsys.readouterr().out)
    assert "very little text for a new model" in printed


def test_too_little_text_is_an_error(tmp_path: Path) -> None:
    job = LanguageJob(tmp_path)
    job.data = job.dataset("chat.jsonl", jsonl(chats(2)))
    job.options = {**job.options, "sequence_length": 8, "validation_fraction": 0.5}
    job.data = job.dataset("tiny.txt", "a")
    with pytest.raises(InvalidDatasetError, match=r"tiny\.txt: the (training|validation) texts have no token to learn"):
        job.attempt()


def test_a_diverging_training_says_so(tmp_path: Path) -> None:
    job = LanguageJob(tmp_path, options={"max_grad_norm": 0, "warmup_fraction": 0})
    with pytest.raises(DivergedError, match="Start a new job with a learning rate below 1e"):
        job.attempt(epochs=30, learning_rate=1e30)


def test_accumulated_batches_learn_the_same_as_one_large_batch() -> None:
    options = Options.read({"device": "cpu"})
    torch.manual_seed(0)
    tokens = torch.randint(0, 50, (8, 12))
    labels = tokens.clone()
    labels[:4, 3:] = IGNORED  # batches with different numbers of counted tokens
    learners = []
    for size in (8, 2):
        torch.manual_seed(1)
        model = new_model(SIZES["tiny"], 50, 12, 0)
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        learner = Learner(model, options, torch.device("cpu"), False)
        for _ in range(3):
            batches = [
                Batch(tokens[start : start + size], torch.ones(size, 12), labels[start : start + size])
                for start in range(0, 8, size)
            ]
            loss = learner.learn(batches, 0.001)
        learners.append((learner, float(loss)))
    (whole, wanted), (parts, loss) = learners
    assert loss == pytest.approx(wanted, rel=1e-4)
    for name, weight in whole.trained.items():
        torch.testing.assert_close(parts.trained[name], weight, rtol=1e-3, atol=1e-4)


def test_the_learning_rate_warms_up_and_decreases() -> None:
    def rates(schedule: str, warmup: float = 0.2) -> list[float]:
        return [round(learning_rate(1.0, step, 10, schedule, warmup), 4) for step in range(1, 11)]

    assert rates("constant") == [0.5] + [1.0] * 9
    assert rates("linear") == [0.5, 1.0, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]
    assert rates("cosine")[:3] == [0.5, 1.0, 1.0] and rates("cosine")[6] == 0.5 and 0 < rates("cosine")[-1] < 0.05
    assert rates("linear", 0.0)[0] == 1.0 and rates("linear", 1.0)[-1] == 1.0


@pytest.mark.parametrize("is_native", [True, False])
def test_bfloat16_is_the_default_on_a_gpu_that_does_not_emulate_it(
    is_native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_supported(including_emulation: bool = True) -> bool:
        return is_native or including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", is_supported)
    assert picks_bfloat16("auto", torch.device("cuda")) is is_native
    assert picks_bfloat16("bfloat16", torch.device("cuda"))
    assert not picks_bfloat16("auto", torch.device("cpu"))
