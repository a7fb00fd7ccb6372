"""Features of whole pictures from a detector trained here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simgen.cli import main
from simgen.detect._torch_features import detector_features
from simgen.detect._torch_training import train
from simgen.errors import DataError
from simgen.learn._torch_weights import save

from .conftest import Set, small_job


def test_pictures_have_their_features_whatever_stands_beside_them(
    painted: Set, tmp_path: Path
) -> None:
    labels = painted(images=4)
    train(small_job(labels, steps=1), tmp_path / "detector")
    pictures = sorted((labels.parent / "images").iterdir())
    found = detector_features(tmp_path / "detector", pictures, "cpu")
    assert found.shape == (4, 32)  # mean and spread of 16 channels
    assert np.isfinite(found).all()
    assert len(np.unique(found.round(9), axis=0)) == 4
    alone = detector_features(tmp_path / "detector", pictures[2:3], "cpu")
    np.testing.assert_array_equal(alone[0], found[2])


def test_a_network_without_a_backbone_says_what_to_do(painted: Set, tmp_path: Path) -> None:
    folder = tmp_path / "detector"
    card = train(small_job(painted(), steps=1), folder)
    (folder / "card.json").write_text(json.dumps({**card, "build": "torch.nn:Identity"}))
    save({}, folder / "weights.safetensors")
    with pytest.raises(DataError, match="--features"):
        detector_features(folder, [], "cpu")


def test_gap_takes_the_features_of_a_detector(
    painted: Set,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = painted("one", images=10), painted("two", images=10, side=14)
    train(small_job(one, steps=1), tmp_path / "detector")
    arguments = ["gap", str(one), str(two), "--out", str(tmp_path / "gap")]
    arguments += ["--detector", str(tmp_path / "detector"), "--json"]
    monkeypatch.setattr("sys.argv", ["simgen", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, None)
    report = json.loads((tmp_path / "gap/report.json").read_text())
    assert "trained here" in json.dumps(report)
    assert json.loads(capsys.readouterr().out) == report
