"""`simgen import`: a foreign set becomes a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.dataset.records import SourceInfo
from simgen.errors import DataError, Fault
from simgen.pipeline.pool import Farm
from simgen.pipeline.portable import portable_params
from simgen.pipeline.settings import validated
from simgen.pipeline.stage import (
    Make,
    Piece,
    StagePlan,
    StageResult,
    run_stage,
    stage_manifest,
)
from simgen.plugin.registry import Registry
from simgen.records.sample import Sample


@dataclass(frozen=True)
class ImportStage:
    """Reads a foreign set frame by frame.

    Args:
        reader: name of the plugin.
        params: validated, paths resolved.
        path: of the set.
        plugin_dirs: folders whose plugins count beside the installed ones.
    """

    reader: str
    params: Any
    path: Path
    plugin_dirs: tuple[Path, ...] = ()

    @contextmanager
    def open(self, threads: int) -> Iterator[Make]:
        """Every process reads the label files itself."""
        registry = Registry.installed(self.plugin_dirs)
        session = registry.get("readers", self.reader).open(self.params, self.path)

        def make(pieces: Sequence[Piece]) -> Iterable[Sample]:
            return (session.read(piece.frame) for piece in pieces)

        yield make


def import_set(
    path: Path,
    out: Path,
    reader: str = "",
    settings: dict[str, Any] | None = None,
    jobs: int = 1,
    plugin_dirs: tuple[Path, ...] = (),
    farm: Farm | None = None,
) -> StageResult:
    """Make a dataset of a foreign set.

    Args:
        path: of the set: a label file or a folder, as its format has it.
        reader: name of the plugin; "": the one that recognises the path.
        settings: of the reader.
        farm: who works; replaces `jobs`.

    Raises:
        DataError: the set cannot be used; every fault of its label files.
        RunFolderError, StorageError: as `run_stage`.
    """
    registry = Registry.installed(plugin_dirs)
    name = reader or _recognised(path, registry)
    plugin = registry.get("readers", name, f"--from {name}")
    params = validated(plugin, settings or {})
    session = plugin.open(params, path)
    facts = session.facts
    manifest = stage_manifest(
        "import",
        {"reader": name, **portable_params(params)},
        [SourceInfo(path.resolve().name, session.digest)],
        size=facts.size,
        outputs=facts.outputs,
        metres_per_depth_step=facts.metres_per_depth_step,
        categories=facts.categories,
    )
    plan = StagePlan(manifest, list(session.numbers), sources={"source": path.resolve()})
    stage = ImportStage(name, params, path.resolve(), registry.folders)
    return run_stage(stage, plan, out, jobs, farm)


def _recognised(path: Path, registry: Registry) -> str:
    if not path.exists():
        raise DataError(Fault(str(path), "there is no such file or folder", "check the path"))
    names = registry.names("readers")
    fitting = [n for n in names if registry.get("readers", n).recognises(path)]
    if len(fitting) != 1:
        what = f"looks like {' and '.join(fitting)}" if fitting else "the format is not recognised"
        raise DataError(Fault(str(path), what, f"say which with --from ({', '.join(names)})"))
    return fitting[0]
