"""The loop: learns, resumes to the same bits, and says what is wrong."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from simgen.detect import _torch_training
from simgen.detect._torch_training import train
from simgen.detect.default_job import default_job
from simgen.detect.job import Inference, View
from simgen.detect.listing import list_images, write_results
from simgen.errors import DataError, RunFolderError, WorkError
from simgen.learn._torch_progress import Progress
from simgen.learn.schedule import Machine, Schedule

from .conftest import PLAIN, Set, small_job


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "weights.safetensors")


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return set(a) == set(b) and all(torch.equal(a[name], b[name]) for name in a)


def test_compact_overfits_four_rendered_images(rendered: Path, tmp_path: Path):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    from simgen.detect._torch_predict import predict
    from simgen.detect.card import categories_of, read_card

    job = replace(
        default_job(rendered),
        view=View(side=160, crop=160, scale=(1.0, 1.0), stretch=0.0, on_object=0.0),
        augment=PLAIN,
        schedule=Schedule(steps=90, batch=4, ema_decay=0.9),
        machine=Machine(device="cpu", threads=1, workers=0),
    )
    train(job, tmp_path / "detector")
    truth = rendered / "annotations" / "instances.json"
    listing = list_images(rendered, None, categories_of(read_card(tmp_path / "detector")), {})
    rows = predict(tmp_path / "detector", listing, Inference(device="cpu"))
    write_results(rows, listing, tmp_path / "results.json")
    coco = COCO(str(truth))
    judge = COCOeval(coco, coco.loadRes(str(tmp_path / "results.json")), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    assert judge.stats[1] > 0.95


def test_an_interrupted_training_ends_with_the_same_weights(painted: Set, tmp_path: Path):
    job = small_job(painted(), steps=7)
    train(job, tmp_path / "whole")

    def stop(line: dict[str, object]) -> None:
        if line["step"] == 5:  # the checkpoint is of step 4
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(job, tmp_path / "cut", stop)
    assert not (tmp_path / "cut" / "card.json").exists()
    card = train(job, tmp_path / "cut")
    assert card["steps"] == 7
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "cut"))
    curves = [
        (tmp_path / name / "curve.jsonl").read_text().splitlines() for name in ("whole", "cut")
    ]
    lines = [[json.loads(line) for line in curve] for curve in curves]
    assert [line["loss"] for line in lines[0]] == [line["loss"] for line in lines[1]]
    assert len(lines[0]) == 7


def test_seeds_repeat_and_differ(painted: Set, tmp_path: Path):
    file = painted()
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(small_job(file, seed=seed), tmp_path / name)
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "c"))


def test_workers_change_nothing(painted: Set, tmp_path: Path):
    job = small_job(painted())
    train(job, tmp_path / "alone")
    train(replace(job, machine=replace(job.machine, workers=2)), tmp_path / "workers")
    assert same(weights(tmp_path / "alone"), weights(tmp_path / "workers"))


def test_a_finished_training_is_left_alone(painted: Set, tmp_path: Path):
    job = small_job(painted())
    first = train(job, tmp_path / "out")
    before = (tmp_path / "out" / "weights.safetensors").stat().st_mtime_ns
    assert train(job, tmp_path / "out") == first
    assert (tmp_path / "out" / "weights.safetensors").stat().st_mtime_ns == before
    with pytest.raises(RunFolderError, match="other settings or data"):
        train(replace(job, seed=5), tmp_path / "out")


def test_a_loss_that_is_not_finite_names_step_and_images(
    painted: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    job = small_job(painted())
    real = _torch_training.build_network
    monkeypatch.setattr(_torch_training, "build_network", lambda *a: _Spoilt(real(*a), at=2))
    with pytest.raises(WorkError) as caught:
        train(job, tmp_path / "out")
    fault = caught.value.faults[0]
    assert "step 1" in fault.where
    assert "nan" in fault.what
    assert ".png" in fault.what


def test_out_of_memory_halves_the_batch_and_says_so(
    painted: Set,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    job = small_job(painted())
    real = _torch_training.build_network
    monkeypatch.setattr(_torch_training, "build_network", lambda *a: _Hungry(real(*a), most=1))
    with caplog.at_level(logging.WARNING):
        card = train(job, tmp_path / "out")
    assert card["steps"] == 3
    assert card["batch_parts"] == 4
    assert "batches of 4 go in pieces of 2" in caplog.text
    assert "batches of 4 go in pieces of 1" in caplog.text
    monkeypatch.setattr(_torch_training, "build_network", lambda *a: _Hungry(real(*a), most=0))
    with pytest.raises(WorkError, match="out of memory"):
        train(job, tmp_path / "never")


def test_pieces_of_a_batch_add_up_to_its_gradient(painted: Set, tmp_path: Path):
    """Up to batch norm, whose statistics are those of a piece; so with it frozen."""
    from simgen.detect._torch_compact import build

    torch.manual_seed(0)
    net = build(small_job(painted()).params, 2).eval()
    net.training = True  # losses, but the layers below stay in evaluation
    images = torch.rand(2, 3, 64, 64)
    target = {
        "boxes": torch.tensor([[10.0, 10, 40, 40]]),
        "labels": torch.tensor([1]),
        "ignore": torch.zeros(0, 4),
    }

    def gradient(batches: list[list[int]]) -> torch.Tensor:
        net.zero_grad()
        for picked in batches:
            losses = net(images[picked], [target] * len(picked))
            (sum(losses.values()) * len(picked) / 2).backward()
        return torch.cat([p.grad.flatten() for p in net.parameters() if p.grad is not None])

    twice = gradient([[0], [0]])
    assert torch.allclose(twice, gradient([[0, 0]]), rtol=1e-3, atol=1e-5)


def test_weights_that_are_pickles_need_trust(painted: Set, tmp_path: Path):
    job = small_job(painted())
    train(job, tmp_path / "first")
    pickle = tmp_path / "weights.pth"
    torch.save(weights(tmp_path / "first"), pickle)
    tuned = replace(job, init=str(pickle))
    with pytest.raises(DataError, match="pickle"):
        train(tuned, tmp_path / "second")
    train(replace(tuned, trust_pickle=True), tmp_path / "second")
    train(replace(job, init=str(tmp_path / "first")), tmp_path / "third")
    # Trusting is no setting that changes what is learnt.
    assert same(weights(tmp_path / "second"), weights(tmp_path / "third"))
    assert not same(weights(tmp_path / "first"), weights(tmp_path / "third"))


def test_the_rate_warms_up_and_falls_and_time_ends_it(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    schedule = Schedule(max_minutes=1.0, learning_rate=1.0, warm_up=0.1)
    progress = Progress(schedule, images=10, processes=1, began=85.0)
    assert progress.done(0) == 0.25
    now[0] += 45
    assert progress.done(0) == 1.0
    by_epochs = Progress(replace(schedule, max_minutes=0.0, epochs=3, batch=4), 10, 1, 0.0)
    assert by_epochs.steps == 8
    rates = [by_epochs.rate(done) for done in (0.0, 0.05, 0.1, 0.5, 1.0)]
    assert 0 < rates[0] < rates[1] < rates[2]
    assert rates[2] > rates[3] > rates[4] > 0


class _Spoilt(nn.Module):
    """Gives NaN at one call."""

    def __init__(self, net: nn.Module, at: int) -> None:
        super().__init__()
        self.net, self.at, self.calls = net, at, 0

    def forward(self, images: torch.Tensor, targets: object) -> dict[str, torch.Tensor]:
        self.calls += 1
        losses = self.net(images, targets)
        factor = float("nan") if self.calls == self.at else 1.0
        return {name: loss * factor for name, loss in losses.items()}


class _Hungry(nn.Module):
    """Fits no more than so many images into memory."""

    def __init__(self, net: nn.Module, most: int) -> None:
        super().__init__()
        self.net, self.most = net, most

    def forward(self, images: torch.Tensor, targets: object) -> dict[str, torch.Tensor]:
        if len(images) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return self.net(images, targets)
