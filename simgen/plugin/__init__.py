"""The door for plugins: what an author imports, and nothing else of simgen but `records`.

`__all__` below is the public list, all of it: protocols to write against, types of settings,
errors to raise, and what to make materials and file references with. The nouns that plugins give
and take (`Draft`, `Asset`, `Pose`, `Sample`, ...) are in `simgen.records`; the laws for an author's
tests are in `simgen.plugin.conformance`. Everything else in simgen may change at any time.

Purpose: protocols of every kind of plugin, their `Params`, the `Registry` that finds and
checks them, the gate that turns a scene file into a `Scene` of validated plugin sections.
Out of scope: loading any plugin on import (the registry does so when asked for one).

A plugin is a class with `api = 1`, a `Params` class and a docstring whose first line is
what `simgen plugins` prints. It is named in an entry-point group, for example
`[project.entry-points."simgen.scene_types"]  shelf = "simgen_shelf:Shelf"`.
"""

from simgen.errors import AssetError, DataError, Fault, MissingExtraError, SceneFileError
from simgen.plugin.files import bundled_hdris, file_ref, list_files
from simgen.plugin.looks import material_from, texture_from
from simgen.plugin.protocols import (
    AssetSource,
    Detector,
    Kit,
    Library,
    Placed,
    Platform,
    Randomizer,
    Renderer,
    SceneType,
    Settled,
    Stream,
    Variant,
)
from simgen.plugin.ray_casting import ray_caster
from simgen.plugin.scene import Category
from simgen.plugin.stage_protocols import (
    Annotator,
    Augmenter,
    Reader,
    ReadSession,
    Refiner,
    RefineSession,
    SetFacts,
    Writer,
    WriteSession,
)
from simgen.plugin.torch_detector import DetectorParams, TorchDetector
from simgen.records.marks import Keypoint, Marks
from simgen.records.sample import Extras
from simgen.spec.distributions import Sampled, support
from simgen.spec.fields import (
    Color,
    Integer,
    NonNegative,
    Number,
    Params,
    Positive,
    Root,
    Unit,
    Vector,
)
from simgen.spec.material import AnyMaterial, MaterialSetting, TextureSetting

__all__ = [
    "Annotator",
    "AnyMaterial",
    "AssetError",
    "AssetSource",
    "Augmenter",
    "Category",
    "Color",
    "DataError",
    "Detector",
    "DetectorParams",
    "Extras",
    "Fault",
    "Integer",
    "Keypoint",
    "Kit",
    "Library",
    "Marks",
    "MaterialSetting",
    "MissingExtraError",
    "NonNegative",
    "Number",
    "Params",
    "Placed",
    "Platform",
    "Positive",
    "Randomizer",
    "ReadSession",
    "Reader",
    "RefineSession",
    "Refiner",
    "Renderer",
    "Root",
    "Sampled",
    "SceneFileError",
    "SceneType",
    "SetFacts",
    "Settled",
    "Stream",
    "TextureSetting",
    "TorchDetector",
    "Unit",
    "Variant",
    "Vector",
    "WriteSession",
    "Writer",
    "bundled_hdris",
    "file_ref",
    "list_files",
    "material_from",
    "ray_caster",
    "support",
    "texture_from",
]
