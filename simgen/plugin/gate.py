"""The gate: a scene file plus the installed plugins become a `Scene`, or a list of all faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simgen.errors import Fault, SceneFileError, SimgenError
from simgen.plugin.categories import resolve_categories
from simgen.plugin.cells import quota_faults
from simgen.plugin.registry import Registry
from simgen.plugin.scene import AnnotatorStep, Collection, RandomizerStep, Scene
from simgen.plugin.section_gate import SectionGate
from simgen.spec.distributions import Distribution, values_of
from simgen.spec.document import Document, Location
from simgen.spec.faults import faults_of, place
from simgen.spec.material import MaterialByAttribute
from simgen.spec.overlay import apply_sets, read_with_extends
from simgen.spec.scene_file import (
    ENGINE_OUTPUTS,
    AnnotatorSection,
    ObjectSection,
    PluginSection,
    RandomizerSection,
    SceneFile,
    SceneSection,
)

# Group of plugins -> setting that names the plugin, model of the section.
_SECTIONS: dict[str, tuple[str, type[PluginSection]]] = {
    "scene_types": ("type", SceneSection),
    "assets": ("asset", ObjectSection),
    "randomizers": ("kind", RandomizerSection),
    "annotators": ("kind", AnnotatorSection),
}


def load_scene(path: Path, registry: Registry, sets: tuple[str, ...] = ()) -> Scene:
    """Read, merge and validate a scene file.

    Args:
        path: the YAML file.
        registry: installed plugins.
        sets: `dotted.path=value` settings laid on top.

    Raises:
        SceneFileError: with every fault that could be found in one go.
    """
    return scene_from(apply_sets(read_with_extends(path), sets), path, registry)


def scene_from(document: Document, path: Path, registry: Registry) -> Scene:
    """Validate merged data; see `load_scene`."""
    gate = _Gate(document, registry)
    try:
        file = SceneFile.model_validate(document.data)
    except ValidationError as error:
        gate.faults += faults_of(error, document, SceneFile)
        gate.check_written_sections()  # so that one run shows every mistake
        gate.check_paths()
        raise SceneFileError(list(dict.fromkeys(gate.faults))) from None
    file = gate.rooted(file, ())
    layout, layout_params = gate.plugin(
        "scene_types", file.scene.type, file.scene, ("scene",), "type"
    )
    collections = []
    for key, section in file.objects.items():
        at = ("objects", key)
        source, params = gate.plugin("assets", section.asset, section, at, "asset")
        collections.append(Collection(key, section, source, params))
        gate.check_attributes(section, at)
    steps = []
    for key, chosen in file.randomizers.items():
        plugin, params = gate.plugin("randomizers", chosen.kind, chosen, ("randomizers", key))
        steps.append(RandomizerStep(key, chosen.kind, plugin, params))
    annotators = []
    for key, wanted in file.annotators.items():
        plugin, params = gate.plugin("annotators", wanted.kind, wanted, ("annotators", key))
        annotators.append(AnnotatorStep(key, wanted.kind, plugin, params))
    gate.check_outputs(file)
    gate.check_paths()
    gate.stop_on_faults()
    categories = resolve_categories(file, tuple(collections), document)
    names = [category.name for category in categories]
    gate.faults += quota_faults(file.balance, collections, names, document)
    gate.stop_on_faults()
    return Scene(
        path,
        file,
        document,
        layout,
        layout_params,
        tuple(collections),
        tuple(steps),
        tuple(annotators),
        categories,
        gate.roots,
    )


class _Gate(SectionGate):
    """Also knows what sections of a scene file have to do with each other."""

    def check_written_sections(self) -> None:
        """Faults of the plugins' settings in data whose skeleton may be wrong."""
        data = self.document.data
        written: list[tuple[str, Location, Any]] = [("scene_types", ("scene",), data.get("scene"))]
        for group in ("assets", "randomizers", "annotators"):
            name = "objects" if group == "assets" else group
            sections = data.get(name)
            if isinstance(sections, dict):
                written += [(group, (name, key), value) for key, value in sections.items()]
        for group, at, section in written:
            word, model = _SECTIONS[group]
            if not isinstance(section, dict) or not isinstance(section.get(word), str):
                continue
            plugin = self.check_name(group, section[word], (*at, word))
            own = model.model_fields
            if plugin is not None:
                settings = {str(k): v for k, v in section.items() if k not in own}
                self.validate(plugin.Params, settings, at, own)

    def check_attributes(self, section: ObjectSection, at: Location) -> None:
        """Materials by attribute need an attribute with a material for each of its values."""

        forms: dict[Location, Any] = {("material",): section.material}
        forms |= {("materials", slot): m for slot, m in section.materials.items()}
        for below, form in forms.items():
            if not isinstance(form, MaterialByAttribute):
                continue
            where = place(self.document, (*at, *below))
            raw: Any = section.attributes.get(form.by)
            if raw is None:
                known = ", ".join(section.attributes) or "none is declared"
                what = f"there is no attribute {form.by!r}"
                self.faults.append(Fault(where, what, f"attributes: {known}"))
                continue
            values = values_of(raw) if isinstance(raw, Distribution) else (raw,)
            missing = [v for v in values or () if v not in form.of]
            if missing:
                what = f"no material for {form.by} = {', '.join(map(str, missing))}"
                self.faults.append(Fault(where, what, "add it under `of:`"))

    def check_outputs(self, file: SceneFile) -> None:
        """The engine exists, and can make the outputs that not every engine has."""
        engine = self.check_name("renderers", file.render.engine, ("render", "engine"))
        if engine is None:
            return
        made = _outputs_of(engine)
        lacking = [o for o in file.outputs if o in ENGINE_OUTPUTS and o not in made]
        for output in lacking:
            able = [n for n in self.registry.names("renderers") if self._makes(n, output)]
            what = f"the engine {file.render.engine} has no output {output!r}"
            cure = (
                f"leave it out, or use the engine {' or '.join(able)}" if able else "leave it out"
            )
            where = place(self.document, ("outputs",))
            self.faults.append(Fault(where, what, cure))

    def _makes(self, engine: str, output: str) -> bool:
        try:
            return output in _outputs_of(self.registry.get("renderers", engine))
        except SimgenError:  # a broken plugin
            return False


def _outputs_of(engine: Any) -> frozenset[str]:
    made: frozenset[str] = getattr(engine, "outputs", frozenset())  # most engines have no more
    return made
