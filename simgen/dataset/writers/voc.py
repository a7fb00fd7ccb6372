"""Writer `voc`: Pascal VOC 2012's folders (Everingham et al., development kit)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simgen.dataset.writers.pictures import cannot, put_rgb, write
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.annotations import Annotations
from simgen.records.masks import decode
from simgen.records.sample import Sample
from simgen.spec.fields import Params
from simgen.spec.splits import split_of

_FIRST = 1  # VOC counts pixels from 1 and names the last one: xmax is x + w
_VOID = 255
_MOST = 254


class VocWriterParams(Params):
    """What is written beside boxes."""

    segmentation: bool = Field(
        False, description="also SegmentationObject and SegmentationClass, at most 254 objects"
    )
    occluded_below: float = Field(
        0.95, ge=0, le=1, description="visibility below which an object is marked occluded"
    )
    link: bool = Field(True, description="hard-link pictures; false copies them")


class VocWriter:
    """Pascal VOC: an XML file for each picture, ImageSets by split, masks on request."""

    api = 1
    Params = VocWriterParams
    outputs = frozenset({"instances"})

    def open(self, params: VocWriterParams, facts: SetFacts, out: Path) -> VocSession:
        """See `plugin.Writer`."""
        return VocSession(params, facts, out)


class VocSession:
    """A VOC folder that is being written."""

    def __init__(self, params: VocWriterParams, facts: SetFacts, out: Path) -> None:
        self.params, self.facts, self.out = params, facts, out
        self.classes = {c.name: i for i, c in enumerate(facts.categories, start=1)}
        self.sets: dict[str, list[str]] = {s: [] for s in facts.splits or {"trainval": 1.0}}

    def write(self, sample: Sample) -> None:
        """Add a sample."""
        stem = f"{sample.frame:08d}"
        name = put_rgb(sample, self.out / "JPEGImages", stem, self.params.link)
        tree = self._xml(sample, name)
        xml.indent(tree)
        write(self.out / "Annotations" / f"{stem}.xml", xml.tostring(tree, "unicode") + "\n")
        if self.params.segmentation:
            self._segmentation(sample, stem)
        split = split_of(sample.world, self.facts.splits) if self.facts.splits else "trainval"
        self.sets[split].append(stem)

    def close(self) -> Path:
        """Write the lists of pictures."""
        for kind in ("Main", *(["Segmentation"] if self.params.segmentation else [])):
            for split, stems in self.sets.items():
                text = "".join(f"{stem}\n" for stem in stems)
                write(self.out / "ImageSets" / kind / f"{split}.txt", text)
        names = "".join(f"{name}\n" for name in self.classes)
        write(self.out / "labels.txt", names)
        return Path("Annotations")

    def _xml(self, sample: Sample, name: str) -> xml.Element:
        root = xml.Element("annotation")
        _add(root, "folder", self.facts.name)
        _add(root, "filename", name)
        _add(_add(root, "source"), "database", self.facts.name)
        size = _add(root, "size")
        for key, value in (("width", sample.size[0]), ("height", sample.size[1]), ("depth", 3)):
            _add(size, key, value)
        _add(root, "segmented", int(self.params.segmentation))
        for i in range(len(sample.annotations)):
            self._object(root, sample.annotations, i)
        return root

    def _object(self, root: xml.Element, labels: Annotations, i: int) -> None:
        item = _add(root, "object")
        truncation, visibility = labels.truncation[i], labels.visibility[i]
        hidden = visibility is not None and visibility < self.params.occluded_below
        _add(item, "name", labels.category[i])
        _add(item, "pose", "Unspecified")
        _add(item, "truncated", int(bool(truncation)))
        _add(item, "occluded", int(hidden))
        _add(item, "difficult", int(labels.is_ignored(i)))
        x, y, w, h = labels.box_xywh_px[i]
        box = _add(item, "bndbox")
        for key, value in (
            ("xmin", x + _FIRST),
            ("ymin", y + _FIRST),
            ("xmax", x + w),
            ("ymax", y + h),
        ):
            _add(box, key, f"{value:.10g}")

    def _segmentation(self, sample: Sample, stem: str) -> None:
        labels = sample.annotations
        if len(labels) > _MOST:
            what = f"{len(labels)} objects; VOC's masks hold {_MOST}"
            raise cannot(sample, what, "leave `segmentation` out")
        things = np.zeros(sample.rgb.shape[:2], np.uint8)
        if sample.instances is not None:
            things[sample.instances > 0] = _VOID  # those without a label stay void
        for i in sorted(range(len(labels)), key=lambda i: -labels.area_px[i]):
            mask = labels.mask[i]
            if mask is None:
                what = f"label {i} ({labels.category[i]}) has a box and no mask"
                raise cannot(sample, what, "leave `segmentation` out")
            things[decode(mask)] = _VOID if labels.is_ignored(i) else i + 1
        table = np.arange(256, dtype=np.uint8)
        for i in range(len(labels)):
            table[i + 1] = self.classes[labels.category[i]]
        _write_palette(self.out / "SegmentationObject" / f"{stem}.png", things)
        _write_palette(self.out / "SegmentationClass" / f"{stem}.png", table[things])


def _add(parent: xml.Element, name: str, value: Any = None) -> xml.Element:
    item = xml.SubElement(parent, name)
    if value is not None:
        item.text = str(value)
    return item


def _write_palette(path: Path, numbers: NDArray[np.uint8]) -> None:
    import io

    from PIL import Image

    image = Image.fromarray(numbers, "P")
    image.putpalette(_palette())
    stream = io.BytesIO()
    image.save(stream, "PNG")
    write(path, stream.getvalue())


def _palette() -> list[int]:
    """VOC's colours: the bits of a number dealt out to red, green and blue (VOCcode)."""
    colors = []
    for number in range(256):
        rgb, rest = [0, 0, 0], number
        for shift in range(7, -1, -1):
            for channel in range(3):
                rgb[channel] |= (rest >> channel & 1) << shift
            rest >>= 3
        colors += rgb
    return colors
