"""`--fix` writes notes and ledgers, keeps backups, never touches a mesh, and can be run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import trimesh
import yaml
from click.testing import CliRunner, Result

from simgen.assets.ledger import read_ledger
from simgen.cli.assets import command


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(command, ["lint", *map(str, arguments)])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A ball inside out, and a ball with doubled faces, notes and no licence."""
    ball = trimesh.creation.icosphere(2, 0.05)
    inside = ball.copy()
    inside.faces = inside.faces[:, ::-1]
    twice = trimesh.Trimesh(ball.vertices, [*ball.faces, *ball.faces[:7]], process=False)
    for name, mesh in (("inside", inside), ("twice", twice)):
        (tmp_path / "lib" / name).mkdir(parents=True)
        mesh.export(tmp_path / "lib" / name / f"{name}.ply")
    notes = "# made by hand\nsource: a friend\nkeypoints: {top: [0, 0, 0.05]}\n"
    (tmp_path / "lib" / "twice" / "twice.asset.yaml").write_text(notes)
    return tmp_path / "lib"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_what_is_safe_is_fixed_and_meshes_stay(library: Path) -> None:
    before = tree(library)
    assert run(library).exit_code == 1
    assert tree(library) == before  # looking writes nothing
    done = run(library, "--fix", "--licence", "CC0-1.0")
    assert done.exit_code == 0, done.output
    after = tree(library)
    assert {k: after[k] for k in before if k.endswith(".ply")} == {
        k: v for k, v in before.items() if k.endswith(".ply")
    }
    notes = after["twice/twice.asset.yaml"].decode()
    assert notes.startswith("# made by hand\n")
    assert yaml.safe_load(notes)["repair"] == ["duplicate_faces"]
    assert yaml.safe_load(notes)["source"] == "a friend"
    assert after["twice/twice.asset.yaml.bak"] == before["twice/twice.asset.yaml"]
    assert after["inside/inside.asset.yaml"] == b"repair: [inside_out]\n"
    rows = read_ledger(library / "ledger.json")
    assert {name: row.licence for name, row in rows.items()} == {
        "inside/inside.ply": "CC0-1.0",
        "twice/twice.ply": "CC0-1.0",
    }


def test_running_again_changes_nothing(library: Path) -> None:
    run(library, "--fix", "--licence", "CC0-1.0")
    before = tree(library)
    assert run(library, "--fix", "--licence", "MIT").exit_code == 0
    assert tree(library) == before


def test_repairs_that_are_there_are_kept(library: Path) -> None:
    notes = "repair:\n- winding\nsource: x\n"
    (library / "twice" / "twice.asset.yaml").write_text(notes)
    run(library, "--fix")
    data = yaml.safe_load((library / "twice" / "twice.asset.yaml").read_text())
    assert data == {"repair": ["duplicate_faces", "winding"], "source": "x"}


def test_another_folder_is_written_and_this_one_left(library: Path, tmp_path: Path) -> None:
    before, out = tree(library), tmp_path / "fixed"
    done = run(library, "--fix", "--out", out, "--licence", "MIT", "--json")
    assert done.exit_code == 0, done.output
    assert tree(library) == before
    assert set(tree(out)) > set(before)
    facts = json.loads(done.stdout)
    assert facts["folder"] == str(out)
    assert {f["file"] for f in facts["fixes"]} == {
        "inside/inside.asset.yaml",
        "twice/twice.asset.yaml",
        "ledger.json",
    }
    assert not [f for f in facts["findings"] if f["level"] != "note"]


def test_a_single_file_is_fixed(library: Path) -> None:
    assert run(library / "inside" / "inside.ply", "--fix", "--licence", "MIT").exit_code == 0
    assert (library / "inside" / "inside.asset.yaml").is_file()
    assert (library / "inside" / "ledger.json").is_file()


def test_folders_that_cannot_take_a_copy(library: Path, tmp_path: Path) -> None:
    from simgen.errors import AssetError

    for out in (library / "sub", library, tmp_path):
        done = run(library, "--fix", "--out", out)
        assert isinstance(done.exception, AssetError)
    (library / "link").symlink_to("/etc/hostname")
    done = run(library, "--fix", "--out", tmp_path / "new")
    assert isinstance(done.exception, AssetError)
    assert "leads out" in str(done.exception) or "lead out" in str(done.exception)
    assert not (tmp_path / "new").exists()


def test_usage(library: Path, tmp_path: Path) -> None:
    assert run(library, "--out", tmp_path / "x").exit_code == 2
    assert run(library, "--licence", "MIT").exit_code == 2
