"""The gate of experiment files: YAML becomes sets to render and trainings in their order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simgen.detect.settings import TrainingFile
from simgen.errors import Fault, SceneFileError
from simgen.pipeline.experiment.likeness import unfold
from simgen.pipeline.experiment.settings import REAL, ExperimentFile, SyntheticSection
from simgen.pipeline.plan import RenderRequest
from simgen.spec.document import Document, Location, Position
from simgen.spec.faults import faults_of, place, suggest
from simgen.spec.fields import Root
from simgen.spec.overlay import apply_sets, overlay, read_with_extends
from simgen.spec.presets import find_config


@dataclass(frozen=True)
class StageUse:
    """One stage on the way to a set.

    Args:
        key: its name.
        kind: `refine` or `augment`.
        document: merged config.
        out: dataset folder that it makes.
    """

    key: str
    kind: str
    document: Document
    out: Path


@dataclass(frozen=True)
class Synthetic:
    """A synthetic set.

    Args:
        name: in the experiment.
        request: to render it; None if it is there already, or made of another one.
        path: dataset folder.
        of: name of the set that it is made of.
        stages: what is done to that set.
    """

    name: str
    request: RenderRequest | None
    path: Path
    of: str | None = None
    stages: tuple[StageUse, ...] = ()


@dataclass(frozen=True)
class Training:
    """One detector to train.

    Args:
        arm, detector, seed: its place in the matrix.
        document: merged training config.
        start_from: folder of the detector to go on from.
        out: folder of the detector.
    """

    arm: str
    detector: str
    seed: int
    document: Document
    start_from: Path | None
    out: Path


@dataclass(frozen=True)
class Experiment:
    """Everything that an experiment does.

    Args:
        file: as written.
        path: of the file.
        out: folder of all results.
        train, val, images: real labels; `images` None: beside the labels.
        synthetic: by name.
        trainings: in an order in which every detector comes after the one it starts from.
    """

    file: ExperimentFile
    path: Path
    out: Path
    train: Path | None
    val: Path
    images: Path | None
    synthetic: dict[str, Synthetic]
    trainings: tuple[Training, ...]


def load_experiment(path: Path, out: Path, sets: tuple[str, ...] = ()) -> Experiment:
    """Read, merge and validate an experiment file.

    Raises:
        SceneFileError: with every fault that could be found in one go.
    """
    document = unfold(apply_sets(read_with_extends(path), sets))
    try:
        file = ExperimentFile.model_validate(document.data)
    except ValidationError as error:
        raise SceneFileError(faults_of(error, document, ExperimentFile)) from None
    # Relative paths in a document start at the file that wrote them, and that is not here.
    return _Gate(document, file, path, out.resolve()).experiment()


class _Gate:
    def __init__(self, document: Document, file: ExperimentFile, path: Path, out: Path) -> None:
        self.document, self.file, self.path, self.out = document, file, path, out
        self.faults: list[Fault] = []

    def experiment(self) -> Experiment:
        file = self.file
        real = {name: self.root(getattr(file.real, name), (REAL, name))
                for name in ("train", "val", "images")}  # fmt: skip
        synthetic = {name: self.synthetic(name, s) for name, s in file.synthetic.items()}
        if REAL in synthetic:
            where = place(self.document, ("synthetic", REAL))
            self.faults.append(Fault(where, "`real` is the real set", "choose another name"))
        order = self.order()
        base = self.base()
        self.stop()
        places = {name: one.path for name, one in synthetic.items()}
        places |= {REAL: real["train"]} if real["train"] else {}
        trainings = tuple(
            self.training(base, arm, detector, seed, places, real["images"])
            for arm in order
            for detector in file.detectors
            for seed in file.seeds
        )
        self.stop()
        assert real["val"] is not None
        return Experiment(
            file, self.path, self.out, real["train"], real["val"], real["images"],
            synthetic, trainings,
        )  # fmt: skip

    def stop(self) -> None:
        if self.faults:
            raise SceneFileError(list(dict.fromkeys(self.faults)))

    def root(self, root: Root | None, at: Location) -> Path | None:
        """Absolute path of something that must be there."""
        if root is None:
            return None
        position = self.document.position(at)
        base = position.base if position else Path.cwd()
        path = (base / Path(root.written).expanduser()).resolve()
        if not path.exists():
            cure = f"relative paths start at {base}; say where with --set {'.'.join(map(str, at))}="
            self.faults.append(Fault(place(self.document, at), f"there is no {path}", cure))
        return path

    def synthetic(self, name: str, section: SyntheticSection) -> Synthetic:
        at: Location = ("synthetic", name)
        if section.path is not None:
            return Synthetic(name, None, self.root(section.path, (*at, "path")) or Path())
        if section.of is not None:
            return self.derived(name, section)
        scene = self.root(section.scene, (*at, "scene"))
        assert scene is not None
        request = RenderRequest(
            scene,
            range(section.frames),
            section.seed,
            section.renderer,
            section.quality,
            over=self.inside((*at, "settings"), section.settings),
        )
        return Synthetic(name, request, self.out / "data" / name)

    def derived(self, name: str, section: SyntheticSection) -> Synthetic:
        at: Location = ("synthetic", name)
        path, uses = self.out / "data" / name, list[StageUse]()
        known = [n for n, s in self.file.synthetic.items() if s.of is None]
        if section.of not in known:
            what = f"there is no set {section.of!r} that is rendered or there already"
            cure = suggest(str(section.of), known, "sets")
            self.faults.append(Fault(place(self.document, (*at, "of")), what, cure))
        for number, (key, stage) in enumerate(section.stages.items(), start=1):
            here: Location = (*at, "stages", key)
            kind, name_ = ("refine", stage.refine) if stage.refine else ("augment", stage.augment)
            position = self.document.position((*here, kind))
            base = position.base if position else Path.cwd()
            config = find_config(kind, str(name_), base)
            above = self.inside((*here, "settings"), stage.settings)
            last = number == len(section.stages)
            out = path if last else path.with_name(f"{name}.{key}")
            uses.append(StageUse(key, kind, overlay(read_with_extends(config), above), out))
        return Synthetic(name, None, path, section.of, tuple(uses))

    def order(self) -> list[str]:
        """Arms, each after the one that it starts from."""
        arms, done = self.file.arms, list[str]()
        sets = {*self.file.synthetic, *([REAL] if self.file.real.train else [])}
        for name, arm in arms.items():
            for source in arm.data:
                if source not in sets:
                    where = place(self.document, ("arms", name, "data", source))
                    cure = "give real.train" if source == REAL else suggest(source, sets, "sets")
                    self.faults.append(Fault(where, f"there is no set {source!r}", cure))
        waiting = dict(arms)
        while waiting:
            ready = [n for n, arm in waiting.items() if arm.start_from in {None, *done}]
            if not ready:
                name, arm = next(iter(waiting.items()))
                where = place(self.document, ("arms", name, "start_from"))
                known = [n for n in arms if n != name]
                what = f"{arm.start_from!r} is no arm, or starts from this one"
                self.faults.append(Fault(where, what, suggest(str(arm.start_from), known, "arms")))
                break
            done += ready
            for name in ready:
                del waiting[name]
        if self.file.baseline is not None and self.file.baseline not in arms:
            where, word = place(self.document, ("baseline",)), self.file.baseline
            self.faults.append(Fault(where, f"there is no arm {word!r}", suggest(word, arms)))
        return done

    def base(self) -> Document:
        """The training config without data: which data, the arms say."""
        position = self.document.position(("training",))
        base = position.base if position else Path.cwd()
        config = find_config("train", self.file.training, base, "training")
        document = read_with_extends(config)
        return Document({k: v for k, v in document.data.items() if k != "data"}, document.positions)

    def training(
        self,
        base: Document,
        arm: str,
        detector: str,
        seed: int,
        places: dict[str, Path],
        images: Path | None,
    ) -> Training:
        section = self.file.arms[arm]
        data = {}
        for name, settings in section.data.items():
            own = self.source_of(name)
            data[name] = {**own, **settings, "path": str(places[name])}
            if name == REAL and images is not None:
                data[name]["images"] = str(images)
        above = {**section.training, "data": data, "seed": seed}
        above["detector"] = self.file.detectors[detector]
        document = overlay(base, self.moved(above, ("arms", arm)))
        try:  # data that is to be rendered is not there yet, but mistakes are
            TrainingFile.model_validate(document.data)
        except ValidationError as error:
            self.faults += faults_of(error, document, TrainingFile)
        out = self.out / "detectors"
        start = section.start_from and out / f"{section.start_from}.{detector}.{seed}"
        return Training(
            arm, detector, seed, document, start or None, out / f"{arm}.{detector}.{seed}"
        )

    def source_of(self, name: str) -> dict[str, Any]:
        """How detectors see a set; one that is made of another is seen as that one is."""
        section = self.file.synthetic.get(name)
        if section is None:
            return {}
        below = self.file.synthetic.get(section.of or "")
        return {**(below.source if below else {}), **section.source}

    def moved(self, data: dict[str, Any], at: Location) -> Document:
        """Data of a training with the positions that its parts have in the experiment file."""
        inner = self.inside((*at, "training"), data)
        return Document(data, {**self.inside(at, data).positions, **inner.positions})

    def inside(self, at: Location, data: dict[str, Any]) -> Document:
        """A part of the experiment file as a document of its own."""
        here = self.document.position(at)
        positions: dict[Location, Position] = {(): here} if here else {}
        for location, position in self.document.positions.items():
            if location[: len(at)] == at:
                positions[location[len(at) :]] = position
        return Document(data, positions)
