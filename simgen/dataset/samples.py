"""Samples out of a dataset folder and back into one, without loss and without re-encoding."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.dataset import images
from simgen.dataset.atomic import commit, create_exclusive, storage_error
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.dataset.records import DroppedFrame, FileFact, FrameRecord, Manifest
from simgen.errors import DataError, Fault
from simgen.records.provenance import Step
from simgen.records.sample import ARRAYS, Original, Sample
from simgen.records.serial import to_json
from simgen.records.world import World

_DEPTHS = ("depth", "sensor_depth")


def read_sample(
    dataset: Dataset, record: FrameRecord, outputs: Collection[str] | None = None
) -> Sample:
    """The sample of a record.

    Args:
        outputs: to decode beside the picture; None: all that are arrays.

    Raises:
        RunFolderError: a file is missing or damaged.
    """
    wanted = {"rgb"} | (set(ARRAYS) if outputs is None else set(outputs) & set(ARRAYS))
    step = dataset.manifest.metres_per_depth_step
    files: dict[str, Original] = {}
    arrays: dict[str, NDArray[Any]] = {}
    for name, fact in record.files.items():
        path = dataset.layout.root / fact.name
        array = _decode(name, path, step) if name in wanted else None
        if array is not None:
            array.flags.writeable = False
            arrays[ARRAYS[name]] = array
        files[name] = Original(path, array, fact.sha256, step if name in _DEPTHS else None)
    if "rgb" not in arrays:
        what = f"frame {record.frame} has no picture"
        raise DataError(Fault(str(dataset.layout.root), what, "make it with the output `rgb`"))
    return Sample(
        arrays.pop("rgb"),
        record.annotations,
        record.frame,
        record.world,
        record.view,
        **arrays,
        camera=record.camera,
        exposure=record.exposure,
        exposure_ev=record.exposure_ev,
        agreement=record.agreement,
        unlabelled=record.unlabelled,
        facts=record.facts,
        captions=record.captions or (),
        provenance=record.provenance or (),
        licences=record.licences,
        credits=record.credits,
        drawn=record.drawn,
        rig=record.rig,
        scene=dataset.scene(record),
        files=files,
    )


def _decode(name: str, path: Path, metres_per_step: float) -> NDArray[Any]:
    if name in _DEPTHS:
        return images.decode_depth(path, metres_per_step)
    if name == "instances":
        return images.decode_instances(path)
    return images.decode_normals(path) if name == "normals" else images.decode_rgb(path)


def record_of(sample: Sample, files: dict[str, FileFact], usual: tuple[int, int]) -> FrameRecord:
    """The record of a sample.

    Args:
        usual: size that the manifest says; the record has its own where it differs.
    """
    return FrameRecord(
        frame=sample.frame,
        world=sample.world,
        view=sample.view,
        camera=sample.camera,
        exposure=sample.exposure,
        exposure_ev=sample.exposure_ev,
        agreement=sample.agreement,
        files=files,
        annotations=sample.annotations,
        unlabelled=sample.unlabelled,
        facts=sample.facts,
        licences=sample.licences,
        credits=sample.credits,
        drawn=sample.drawn,
        rig=sample.rig,
        size=None if sample.size == usual else sample.size,
        captions=sample.captions or None,
        provenance=sample.provenance or None,
    )


@dataclass(frozen=True)
class SampleWriter:
    """Commits samples to a dataset folder: files first, the record last.

    It derives nothing: labels, facts and masks are written as they are given.

    Args:
        layout: where.
        manifest: which outputs, and the depth step.
        guard: called before files get their names; what it raises stops the commit.
    """

    layout: Layout
    manifest: Manifest
    guard: Callable[[], None] | None = None

    def write(self, sample: Sample) -> FrameRecord:
        """Commit one sample.

        Raises:
            WorkError: a depth or id does not fit into 16 bits.
            StorageError: disk full or unwritable; nothing of the frame is left.
        """
        contents = {name: self._content(name, sample) for name in self.manifest.outputs}
        files = {name: _fact(name, sample, content) for name, content in contents.items()}
        record = record_of(sample, files, self.manifest.size)
        plain = {n: c.path if isinstance(c, Original) else c for n, c in contents.items()}
        self._commit(record, plain, sample.scene)
        return record

    def adopt(self, record: FrameRecord, source: Dataset, frame: int) -> FrameRecord:
        """Commit a frame of another dataset whose files stay as they are; decodes nothing.

        Args:
            record: as it shall be here; its files are filled in.
            source, frame: whose files are linked.

        Raises:
            DataError: the source lacks an output.
            StorageError: disk full or unwritable; nothing of the frame is left.
        """
        theirs = source.record(frame)
        contents: dict[str, bytes | Path] = {}
        facts = {}
        for name in self.manifest.outputs:
            old = theirs.files.get(name)
            if old is None:
                raise _lacking(f"{source.layout.root} frame {frame}", name)
            target = Layout.output_name(name, record.frame, Path(old.name).suffix)
            facts[name] = replace(old, name=target)
            contents[name] = _whole(source, old)
            if name in _DEPTHS and not self._same_step(source.manifest.metres_per_depth_step):
                old_step = source.manifest.metres_per_depth_step
                depth = images.decode_depth(source.layout.root / old.name, old_step)
                step = self.manifest.metres_per_depth_step
                data = contents[name] = images.encode_depth(depth, step, record.frame)
                facts[name] = FileFact(target, len(data), hashlib.sha256(data).hexdigest())
        size = source.size(theirs)
        own = replace(record, files=facts, size=None if size == self.manifest.size else size)
        self._commit(own, contents, source.scene(theirs))
        return own

    def drop(self, frame: int, step: Step) -> None:
        """Write down that there is to be no such frame, and why."""
        data = to_json(DroppedFrame(frame, step))
        commit([(self.layout.dropped(frame), data)], self.guard)

    def _commit(
        self, record: FrameRecord, contents: dict[str, bytes | Path], scene: World | None
    ) -> None:
        if scene is not None:
            path = self.layout.world(record.world)
            create_exclusive(path, to_json(replace(scene, index=record.world)))
        staged = [(self.layout.root / f.name, contents[name]) for name, f in record.files.items()]
        commit([*staged, (self.layout.record(record.frame), to_json(record))], self.guard)

    def _same_step(self, step: float | None) -> bool:
        return step == self.manifest.metres_per_depth_step

    def _content(self, name: str, sample: Sample) -> bytes | Original:
        array: NDArray[Any] | None = getattr(sample, ARRAYS[name]) if name in ARRAYS else None
        original = sample.files.get(name)
        if original is not None and array is original.array:
            if name in _DEPTHS and not self._same_step(original.metres_per_step):
                array = images.decode_depth(original.path, original.metres_per_step or 1.0)
            else:
                return original
        if array is None:
            raise _lacking(f"frame {sample.frame}", name)
        return self._encode(name, array, sample.frame)

    def _encode(self, name: str, array: NDArray[Any], frame: int) -> bytes:
        if name in _DEPTHS:
            return images.encode_depth(array, self.manifest.metres_per_depth_step, frame)
        if name == "instances":
            return images.encode_instances(array, frame)
        if name == "normals":
            return images.encode_normals(array)
        return images.encode_rgb(np.asarray(array, np.uint8))


def _fact(name: str, sample: Sample, content: bytes | Original) -> FileFact:
    if isinstance(content, bytes):
        target = Layout.output_name(name, sample.frame)
        return FileFact(target, len(content), hashlib.sha256(content).hexdigest())
    target = Layout.output_name(name, sample.frame, content.path.suffix.lower())
    try:
        with content.path.open("rb") as stream:
            digest = content.sha256 or hashlib.file_digest(stream, "sha256").hexdigest()
            return FileFact(target, content.path.stat().st_size, digest)
    except OSError as error:
        raise storage_error(content.path, error) from error


def _whole(source: Dataset, fact: FileFact) -> Path:
    path = source.layout.root / fact.name
    size = path.stat().st_size if path.is_file() else None
    if size != fact.bytes:
        found = "it is missing" if size is None else f"it has {size}"
        what = f"expected {fact.bytes} bytes, {found}"
        raise DataError(Fault(str(path), what, "restore the source dataset"))
    return path


def _lacking(where: str, name: str) -> DataError:
    cure = "leave the output out, or take a source that has it"
    return DataError(Fault(where, f"there is no output {name!r}", cure))
