"""Reading YAML: safe, with positions, and every trap of the format a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.errors import SceneFileError
from simgen.spec.document import parse_document, read_document


def _faults(text: str) -> str:
    with pytest.raises(SceneFileError) as caught:
        parse_document(text, "s.yaml", Path("/"))
    return str(caught.value)


def test_values_keep_their_positions() -> None:
    document = parse_document("a:\n  b: [1, 2]\nc: x\n", "s.yaml", Path("/"))
    assert document.data == {"a": {"b": [1, 2]}, "c": "x"}
    assert str(document.position(("a", "b", 1))) == "s.yaml:2:10"
    assert str(document.position(("a", "b"))) == "s.yaml:2:3"
    assert str(document.position(("a", "missing"))) == "s.yaml:1:1"


def test_yaml_1_2_reads_no_as_text_and_1e_3_as_a_number() -> None:
    document = parse_document("{a: no, b: 1e-3, c: 0123, d: on, e: 1_000}", "s", Path("/"))
    assert document.data == {"a": "no", "b": 1e-3, "c": 123, "d": "on", "e": "1_000"}


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object:os.system [ls]",
        "a: !!python/object/apply:os.system ['touch /tmp/simgen-owned']",
        "!!python/name:os.system",
        "a: !mine {b: 1}",
        "a: !!binary aGVsbG8=",
        "a: !!set {x}",
    ],
)
def test_tags_are_refused_and_run_nothing(text: str) -> None:
    assert "YAML tags are not allowed" in _faults(text)
    assert not Path("/tmp/simgen-owned").exists()


def test_duplicate_keys_are_refused_at_the_second() -> None:
    text = _faults("objects:\n  a: 1\n  b: 2\n  a: 3\n")
    assert "s.yaml:4:3" in text
    assert "written twice" in text


def test_an_alias_bomb_ends_as_a_fault() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert "values" in _faults("\n".join(lines))


def test_an_alias_to_itself_ends_as_a_fault() -> None:
    assert "levels" in _faults("a: &a [*a]")


@pytest.mark.parametrize("text", ["a: [1, 2", "a: b: c", "\tx: 1", "{a: 1}}", "a: *nothing"])
def test_broken_yaml_names_the_place(text: str) -> None:
    assert "s.yaml:1:" in _faults(text)


def test_deep_nesting_and_long_numbers_are_faults() -> None:
    assert "levels" in _faults("[" * 100 + "]" * 100)
    assert "too large" in _faults("count: " + "9" * 5000)


def test_deep_nesting_that_breaks_the_parser_is_a_fault() -> None:
    assert "s.yaml" in _faults("[" * 20_000)


def test_files_that_cannot_be_read_are_faults(tmp_path: Path) -> None:
    with pytest.raises(SceneFileError, match="cannot read"):
        read_document(tmp_path / "no.yaml")
    with pytest.raises(SceneFileError, match="cannot read"):
        read_document(tmp_path)
    (tmp_path / "b.yaml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(SceneFileError, match="UTF-8"):
        read_document(tmp_path / "b.yaml")
    (tmp_path / "l.yaml").write_bytes(b"#" * (5 << 20))
    with pytest.raises(SceneFileError, match="limit"):
        read_document(tmp_path / "l.yaml")


def test_merge_keys_are_named_with_a_way_out() -> None:
    text = _faults("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n")
    assert "s.yaml:3:3" in text
    assert "merge keys (<<) are not supported" in text
    assert "extends" in text
    assert parse_document("{'<<': 1}", "s", Path("/")).data == {"<<": 1}


def test_too_deep_for_the_parser_names_the_bracket() -> None:
    text = _faults("a: 1\nb: " + "[" * 5000)
    assert "s.yaml:2:67" in text
    assert "64 levels" in text
