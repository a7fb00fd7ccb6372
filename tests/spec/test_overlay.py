"""`extends` and `--set`: merged by key, distributions replaced whole, positions kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.errors import SceneFileError
from simgen.spec.document import Document, parse_document
from simgen.spec.overlay import apply_sets, read_with_extends


def _doc(text: str) -> Document:
    return parse_document(text, "s.yaml", Path("/"))


def test_extends_merges_key_by_key(tmp_path: Path) -> None:
    (tmp_path / "below.yaml").write_text("a: {x: 1, y: 2}\nlist: [1, 2]\n")
    (tmp_path / "above.yaml").write_text("extends: below.yaml\na: {y: 3, z: 4}\nlist: [9]\n")
    document = read_with_extends(tmp_path / "above.yaml")
    assert document.data == {"a": {"x": 1, "y": 3, "z": 4}, "list": [9]}
    assert "below.yaml:1" in str(document.position(("a", "x")))
    assert "above.yaml:2" in str(document.position(("a", "z")))


def test_paths_start_at_the_file_that_wrote_them(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "below.yaml").write_text("path: meshes\n")
    (tmp_path / "above.yaml").write_text("extends: lib/below.yaml\nother: here\n")
    document = read_with_extends(tmp_path / "above.yaml")
    below, above = document.position(("path",)), document.position(("other",))
    assert below is not None
    assert above is not None
    assert (below.base, above.base) == (tmp_path / "lib", tmp_path)


def test_a_distribution_is_replaced_not_merged() -> None:
    document = apply_sets(_doc("a: {uniform: [0, 1]}"), ("a={normal: [0, 1]}",))
    assert document.data == {"a": {"normal": [0, 1]}}


def test_null_removes_what_came_from_below_except_a_category() -> None:
    document = apply_sets(
        _doc("a: {x: 1, y: 2}\nobjects: {o: {category: mug}}"),
        ("a.x=null", "objects.o.category=null"),
    )
    assert document.data == {"a": {"y": 2}, "objects": {"o": {"category": None}}}


def test_set_makes_missing_levels_and_names_itself_in_faults() -> None:
    document = apply_sets(_doc("a: 1"), ("b.c.d=2.5",))
    assert document.data == {"a": 1, "b": {"c": {"d": 2.5}}}
    assert str(document.position(("b", "c", "d"))) == "--set b.c.d=2.5"


@pytest.mark.parametrize("setting", ["a", "=1", "a..b=1", ".=2", "a=[1", "a=!!python/name:os.x"])
def test_bad_settings_are_faults(setting: str) -> None:
    with pytest.raises(SceneFileError, match="--set"):
        apply_sets(_doc("a: 1"), (setting,))


def test_extends_in_a_circle_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    with pytest.raises(SceneFileError, match=r"a\.yaml -> b\.yaml -> a\.yaml"):
        read_with_extends(tmp_path / "a.yaml")


@pytest.mark.parametrize("target", ["missing.yaml", "[1]", "3"])
def test_extends_of_nothing_is_a_fault(tmp_path: Path, target: str) -> None:
    (tmp_path / "a.yaml").write_text(f"extends: {target}\n")
    with pytest.raises(SceneFileError, match=r"a\.yaml:1:1 extends"):
        read_with_extends(tmp_path / "a.yaml")


@pytest.mark.parametrize("text", ["", "   \n", "# only talk\n", "{}"])
def test_an_empty_file_is_named_with_a_way_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "empty.yaml").write_text(text)
    with pytest.raises(SceneFileError) as caught:
        read_with_extends(tmp_path / "empty.yaml")
    (fault,) = caught.value.faults
    assert fault.where == f"{tmp_path / 'empty.yaml'}:1:1"
    assert fault.what == "the file is empty"
    assert "simgen: 1" in fault.cure
