"""The members of the network of the tabular trainer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from job_under_test import JobUnderTest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

from trained_job import attempt, people, train

from trainyard.trainers.tabular.architecture import Architecture
from trainyard.trainers.tabular.checkpoint import load_checkpoint
from trainyard.trainers.tabular.network import TabularNetwork
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import prepare

ARCHITECTURE = Architecture(
    inputs=5, outputs=2, numbers=[0, 1, 2], hidden=[8, 4], embeds_numbers=True, activation="mish", is_wide=False,
    has_base=False, members=3,
)  # fmt: skip


def random_network(architecture: Architecture) -> Any:
    torch.manual_seed(0)
    network = TabularNetwork(architecture)
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return network


def test_the_outputs_are_the_mean_of_the_members() -> None:
    network, x = random_network(ARCHITECTURE), torch.randn(7, 5)
    alone = TabularNetwork(replace(ARCHITECTURE, members=1))
    outputs = []
    for member in range(3):
        weights = {
            name: weight if weight.shape == alone.state_dict()[name].shape else weight[member].squeeze(0)
            for name, weight in network.state_dict().items()
        }
        alone.load_state_dict(weights)
        outputs.append(alone(x))
    assert torch.allclose(network(x), torch.stack(outputs).mean(dim=0), atol=1e-5)
    assert not torch.allclose(outputs[0], outputs[1], atol=0.01)


def test_a_member_learns_from_its_own_outputs_only() -> None:
    network = random_network(ARCHITECTURE)
    network.learned(network.features(torch.randn(7, 5)))[1].square().sum().backward()
    gradient = network.hidden[2].weight.grad
    assert gradient[1].abs().sum() > 0 and gradient[0].abs().sum() == gradient[2].abs().sum() == 0


def test_the_initial_members_differ_and_have_units_of_variance_1() -> None:
    torch.manual_seed(0)
    network = TabularNetwork(ARCHITECTURE)
    x = torch.randn(500, 5)
    network.initialize(network.features(x))
    first = network.hidden[2]
    units = first(network.hidden[1](network.hidden[0](network.features(x))))
    assert units.shape == (3, 500, 8)
    assert torch.allclose(units.std(dim=1, correction=0), torch.ones(3, 8), atol=1e-4)
    assert not torch.allclose(first.weight[0], first.weight[1])


@pytest.mark.parametrize(
    ("options", "rows", "members"),
    [({}, 1000, 4), ({}, 600, 1), ({"hidden": []}, 1000, 1), ({"optimizer": "sgd"}, 1000, 1), ({}, 17_500, 1)],
)
def test_hidden_networks_of_tables_of_medium_size_have_several_members(
    tmp_path: Path, options: dict[str, Any], rows: int, members: int
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(people(rows, "income"))
    network = prepare(path, Options.read({"test_fraction": 0.2, **options}), 0).schema.network
    assert isinstance(network, Architecture) and network.members == members


def test_a_model_without_members_in_its_file_still_predicts(job: JobUnderTest) -> None:
    options = {"hidden": [8], "log_every": 0}
    train(job, job.dataset("people.csv", people(300, "income")), options, epochs=1)
    path = job.home.checkpoint(job.job_id)
    facts = torch.load(path, weights_only=True)
    x = torch.randn(4, facts["network"]["inputs"])
    expected = load_checkpoint(path)[1](x)
    del facts["network"]["members"]
    torch.save(facts, path)
    assert torch.equal(load_checkpoint(path)[1](x), expected)


def test_a_resumed_training_of_several_members_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    options = {"hidden": [8], "log_every": 0, "device": "cpu", "test_fraction": 0}
    models = []
    for epochs in ((2,), (1, 2)):
        job = JobUnderTest(tmp_path / f"{len(epochs)}")
        data = job.dataset("people.csv", people(900, "income"))
        for number, last in enumerate(epochs, 1):
            attempt(job, number, data, options, last)
        models.append(load_checkpoint(job.home.checkpoint(job.job_id)))
    (schema, network), (_, resumed) = models
    assert schema.network.members == 4
    for name, weight in network.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name]), name
