"""Kinds of plugins: one row each; everything that goes through all kinds reads this table.

A new kind is a protocol in `protocols` and a row here; then its name is an entry-point group,
`simgen.GROUP`. A suite, `simgen.conformance.GROUP` with a function `suite(subject)`, and a folder
of templates, `templates/GROUP`, are found by the same name. Both are optional: without them
`plugins test` checks what all kinds share, and `plugins new` does not offer the kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from simgen.plugin.protocols import AssetSource, Detector, Randomizer, Renderer, SceneType
from simgen.plugin.stage_protocols import Annotator, Augmenter, Reader, Refiner, Writer


@dataclass(frozen=True)
class Kind:
    """One kind of plugin.

    Args:
        group: entry-point group without `simgen.`, also the name of its docs folder.
        noun: what people call one.
        word: as the command line takes it.
        protocol: what its class must offer.
        section: path of the section of a scene file that holds its settings; KEY is the user's.
        names: the key in that section that names the plugin.
        usage: command line that uses one, with {name}.
    """

    group: str
    noun: str
    word: str
    protocol: type
    section: str = ""
    names: str = ""
    usage: str = ""

    @property
    def in_scene(self) -> bool:
        """Whether a scene file uses it."""
        return self.section.partition(".")[0] in (
            "scene",
            "objects",
            "randomizers",
            "annotators",
            "render",
        )


KINDS = (
    Kind("scene_types", "scene type", "scene-type", SceneType, "scene", "type"),
    Kind("assets", "asset source", "asset", AssetSource, "objects.KEY", "asset"),
    Kind("randomizers", "randomizer", "randomizer", Randomizer, "randomizers.KEY", "kind"),
    Kind("renderers", "renderer", "renderer", Renderer, "render.settings.NAME"),
    Kind("annotators", "annotator", "annotator", Annotator, "annotators.KEY", "kind"),
    Kind("refiners", "refiner", "refiner", Refiner, "refiners.KEY", "kind"),
    Kind("augmenters", "augmenter", "augmenter", Augmenter, "augmenters.KEY", "kind"),
    Kind(
        "writers",
        "writer",
        "writer",
        Writer,
        usage="simgen export out/dice --to {name} --out out/{name}",
    ),
    Kind(
        "readers",
        "reader",
        "reader",
        Reader,
        usage="simgen import path/to/set --from {name} --out out/real",
    ),
    Kind("detectors", "detector", "detector", Detector, "detector", "kind"),
)
GROUPS = {kind.group: kind.noun for kind in KINDS}


def kind_of(group: str) -> Kind:
    """The row of a group.

    Raises:
        KeyError: there is no such group.
    """
    return {kind.group: kind for kind in KINDS}[group]
