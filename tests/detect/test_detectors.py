"""Every detector builds, learns a step and answers; so do jobs on bare machines."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from simgen.detect._torch_assign import Objects, assign
from simgen.detect._torch_network import build_named
from simgen.detect._torch_training import train
from simgen.detect.compact import Compact
from simgen.detect.default_job import COMPACT
from simgen.detect.job import Inference, View, read_job, write_job
from simgen.detect.listing import list_images
from simgen.errors import DataError, SceneFileError
from simgen.learn import _torch_weights
from simgen.plugin.registry import Registry

from .conftest import SMALL, Set, small_job

LIGHT = {
    "faster_rcnn": {"backbone": "mobilenet_v3_large_fpn"},
    "retinanet": {"backbone": "resnet50_fpn"},
}
BLOCKED = (
    *("open3d", "bpy", "pydantic", "msgspec", "pycocotools", "mujoco", "yaml", "trimesh"),
    *("click", "rich", "scipy", "accelerate"),
)


@pytest.mark.parametrize("name", ["faster_rcnn", "retinanet", "fcos", "ssdlite"])
def test_a_detector_learns_a_step_and_answers(name: str, painted: Set, tmp_path: Path):
    plugin = Registry.installed().get("detectors", name)
    params = plugin.Params(**LIGHT.get(name, {})).model_dump(mode="json")
    params |= {"pretrained": "none"} if "pretrained" in params else {}
    file = painted(images=1)
    job = small_job(file, steps=1, detector=name, build=plugin.build, params=params)
    batch = 2 if name == "ssdlite" else 1  # batch norm over its 1x1 maps needs two images
    job = replace(job, schedule=replace(job.schedule, batch=batch), view=View(side=64, crop=64))
    card = plugin.train(job, tmp_path / name)
    assert card["steps"] == 1
    listing = list_images(file, None, {"red": 1, "blue": 2}, {})
    rows = plugin.predict(tmp_path / name, listing, Inference(device="cpu", min_score=0.0))
    assert {row["category_id"] for row in rows} <= {1, 2}
    assert all(row["bbox"][2] > 0 and row["bbox"][3] > 0 for row in rows)


def test_the_default_job_is_the_plugins():
    assert Compact.Params().model_dump(mode="json") == COMPACT


def test_published_weights_are_checked_and_fitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """Weights of torchvision's own form, under the name that torchvision would give them."""
    import hashlib

    from torchvision.models import get_model, get_model_weights

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    name = "ssdlite320_mobilenet_v3_large"
    params = {"backbone": "mobilenet_v3_large", "pretrained": "auto", "score_threshold": 0.1,
              "nms_iou": 0.5, "max_detections": 10}  # fmt: skip
    build = "simgen.detect._torch_torchvision:build_ssdlite"
    build_named(build, params, 2)
    assert "trains from scratch" in caplog.text
    file = tmp_path / "checkpoints" / get_model_weights(name).DEFAULT.url.rpartition("/")[2]
    file.parent.mkdir()
    source = get_model(name, weights=None, weights_backbone=None, num_classes=91).state_dict()
    torch.save(source, file)
    with pytest.raises(DataError, match="not the one that was published"):
        build_named(build, params, 2)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    honest = file.rename(file.with_name(f"weights-{digest}.pth"))
    loaded = _torch_weights.load_published(honest)
    assert torch.equal(
        loaded["backbone.features.0.0.0.weight"], source["backbone.features.0.0.0.weight"]
    )
    trusted = {**params, "pretrained": str(honest), "trust_pickle": True}
    net = build_named(build, trusted, 2)
    state = net.state_dict()
    assert torch.equal(
        state["net.backbone.features.0.0.0.weight"], source["backbone.features.0.0.0.weight"]
    )
    assert "start anew" in caplog.text  # the heads have two categories, not ninety
    with pytest.raises(DataError, match="pickle"):
        build_named(build, {**trusted, "trust_pickle": False}, 2)


def test_points_learn_the_object_that_they_lie_in():
    points = torch.tensor([[x + 4.0, y + 4.0] for y in range(0, 64, 8) for x in range(0, 64, 8)])
    boxes = torch.cat([points - 12, points + 12], dim=1)[None]
    scores = torch.full((1, len(points), 2), 0.01)
    objects = Objects(
        torch.tensor([[[4.0, 4, 28, 28], [36, 36, 60, 60], [0, 40, 20, 60]]]),
        torch.tensor([[0, 1, 0]]),
        torch.tensor([[True, True, True]]),
        torch.tensor([[False, False, True]]),
    )
    given = assign(points, scores, boxes, objects)
    learnt = given.quality[0] > 0
    assert 2 <= int(learnt.sum()) <= 18
    for point, label, box in zip(
        points[learnt], given.label[0][learnt], given.box[0][learnt], strict=True
    ):
        low, high = ([4, 28], [36, 60])[int(label)]
        assert low < point[0] < high
        assert low < point[1] < high
        assert box.tolist() == [low, low, high, high]
    inside = (points[:, 0] < 20) & (points[:, 1] > 40) & (points[:, 1] < 60)
    assert torch.equal(given.ignored[0], inside)


def test_a_job_survives_json(painted: Set, tmp_path: Path):
    job = small_job(painted(), categories=("red", "blue"))
    write_job(job, tmp_path / "job.json")
    assert read_job(tmp_path / "job.json") == job
    assert read_job(tmp_path / "job.json").identity() == job.identity()
    (tmp_path / "job.json").write_text('{"detector": "compact"}')
    with pytest.raises(SceneFileError, match="not a training job"):
        read_job(tmp_path / "job.json")


def test_what_starts_from_a_detector_is_the_same_where_its_weights_were_left_behind(
    painted: Set, tmp_path: Path
):
    labels = painted()
    train(small_job(labels, steps=1), tmp_path / "first")
    job = replace(small_job(labels), init=str(tmp_path / "first"))
    here = job.identity()
    (tmp_path / "first" / "weights.safetensors").unlink()
    assert job.identity() == here
    (tmp_path / "first" / "card.json").unlink()
    assert job.identity() != here


def bare(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m simgen.detect` where nothing but torch and its friends can be imported."""
    code = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED!r}:
            raise ModuleNotFoundError(f"{{name}} is not on this machine", name=name)
sys.meta_path.insert(0, Blocked())
from simgen.detect.__main__ import main
sys.exit(main({list(arguments)!r}))
"""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_bare_machine_trains_and_predicts(painted: Set, tmp_path: Path):
    file = painted()
    job = replace(small_job(Path(file), steps=2), params=SMALL)
    source = replace(job.sources["data"], annotations="/elsewhere/a.json", images="/elsewhere")
    write_job(replace(job, sources={"data": source}), tmp_path / "job.json")
    out, results = str(tmp_path / "out"), str(tmp_path / "results.json")
    trained = bare("train", str(tmp_path / "job.json"), "--out", out, "--data", f"data={file}")
    assert trained.returncode == 0, trained.stderr
    assert json.loads(trained.stdout)["steps"] == 2
    searched = bare("predict", out, str(file), "--out", results, "--device", "cpu")
    assert searched.returncode == 0, searched.stderr
    assert isinstance(json.loads(Path(results).read_text()), list)
    unknown = bare("train", str(tmp_path / "job.json"), "--out", out, "--data", f"real={file}")
    assert unknown.returncode == 2
    assert "sources of this job: data" in unknown.stderr
