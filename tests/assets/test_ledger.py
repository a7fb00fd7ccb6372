"""The licence ledger: rows follow their files into records and COCO."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trimesh

from simgen.assets.ledger import LEDGER, Row, credit_of, ledger_text, read_ledger
from simgen.errors import AssetError
from simgen.plugin.files import sha256_of
from simgen.records.asset import Asset
from simgen.render.cycles.shelving import Shelf

RECIPE = {"category": "", "licence": "CC-BY-4.0", "author": "Ada", "attribution": ""}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for name in ("mug", "can"):
        (tmp_path / "lib" / name).mkdir(parents=True)
        trimesh.creation.box().export(tmp_path / "lib" / name / f"{name}.glb")
    row = Row(file="mug/mug.glb", name="Mug", author="Ada", licence="CC-BY-4.0",
              attribution="Mug by Ada")  # fmt: skip
    (tmp_path / "lib" / LEDGER).write_bytes(ledger_text([row]))
    (tmp_path / "lib" / "LICENSE").write_text("MIT License")
    return tmp_path / "lib"


def test_a_row_counts_before_the_notes_around(library: Path, load: Callable[..., Asset]) -> None:
    mug, can = load(library, "mug"), load(library, "can")
    assert mug.credit is not None
    assert (mug.licence, mug.credit.attribution) == ("CC-BY-4.0", "Mug by Ada")
    assert mug.credit.sha256 == sha256_of(library / "mug" / "mug.glb")
    assert (can.licence, can.credit) == ("MIT", None)


def test_ledgers_above_the_setting_do_not_count(library: Path) -> None:
    assert credit_of(library / "mug" / "mug.glb", library / "mug").licence == "unknown"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ('{"simgen_ledger": 1, "assets": [{"file": "a"}]}', r"assets\.0\.licence"),
        ('{"simgen_ledger": 2, "assets": []}', "simgen_ledger"),
    ],
)
def test_a_malformed_ledger(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / LEDGER).write_text(text)
    with pytest.raises(AssetError, match=reason) as caught:
        read_ledger(tmp_path / LEDGER)
    assert "simgen_ledger" in caught.value.faults[0].cure


def _answer(folder: Path, *names: str) -> dict[str, Any]:
    facts = []
    for name in names:
        trimesh.creation.box().export(folder / f"{name}.glb")
        plain: dict[str, Any] = {"name": name, "glb": str(folder / f"{name}.glb")}
        facts.append({**plain, "notes": [], "facts": {}, "baked": []})
    return {"assets": facts, "faults": [], "inputs": []}


def test_imports_enter_it_and_keep_what_others_wrote(library: Path, tmp_path: Path) -> None:
    source = tmp_path / "kitchen.blend"
    Shelf(library, source, RECIPE, False).put(_answer(tmp_path, "pan", "pot"))
    rows = read_ledger(library / LEDGER)
    assert list(rows) == ["mug/mug.glb", "pan/pan.glb", "pot/pot.glb"]
    pan = rows["pan/pan.glb"]
    assert (pan.source, pan.author, pan.licence) == ("kitchen.blend", "Ada", "CC-BY-4.0")
    assert pan.sha256 == sha256_of(library / "pan" / "pan.glb")
    edited = pan.model_copy(update={"attribution": "Pan by Ada"})
    (library / LEDGER).write_bytes(ledger_text({**rows, pan.file: edited}.values()))
    Shelf(library, source, {**RECIPE, "author": "Bo"}, False).put(_answer(tmp_path, "pan"))
    again = read_ledger(library / LEDGER)["pan/pan.glb"]
    assert (again.author, again.attribution) == ("Bo", "Pan by Ada")
    assert json.loads((library / LEDGER).read_bytes())["simgen_ledger"] == 1


def test_assets_know_nothing_of_the_ledger_in_their_digest(
    library: Path, load: Callable[..., Asset]
) -> None:
    before = load(library, "mug")
    (library / LEDGER).unlink()
    after = load(library, "mug")
    assert before.files == after.files
    assert replace(before, credit=None).licence != after.licence == "MIT"
