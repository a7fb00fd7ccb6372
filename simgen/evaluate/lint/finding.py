"""What lint can find."""

from __future__ import annotations

from dataclasses import dataclass

# Code -> what it means; the order is that of reports.
CODES: dict[str, str] = {
    "record": "the frame record or its world cannot be read",
    "missing-file": "a file that the record names is not there",
    "undecodable": "a file is cut short or no picture",
    "wrong-size": "a picture or map has another size than the record says",
    "changed-file": "a file has another content than recorded (sha256)",
    "unknown-category": "a label's category is not in the manifest",
    "duplicate-id": "two labels of a frame have one instance id",
    "broken-mask": "a mask's code is damaged or of another size",
    "loose-box": "a box is not the tight bound of its mask",
    "wrong-area": "an area is not the number of pixels of its mask",
    "box-outside": "a box reaches out of the picture or has no extent",
    "wrong-visibility": "visibility is out of (0, 1], not a number, or not what the masks say",
    "amodal": "an amodal mask or box does not cover the modal one",
    "overlap": "two masks share pixels",
    "map-disagrees": "the instance map and a mask disagree",
    "keypoint": "a keypoint that counts as visible lies outside the picture",
    "black": "the picture is black",
    "blown": "the picture is blown out",
    "flat": "the picture is of one colour",
    "not-finite": "a float map has NaN or infinite values",
    "depth-hole": "a labelled object has pixels without depth",
    "tiny-box": "a box is smaller than a detector can use",
    "duplicate": "two pictures are the same",
    "near-duplicate": "two pictures are nearly the same",
    "empty": "too large a share of the frames has no label",
    "unused-category": "a category has no label at all",
    "imbalance": "a category has far fewer labels than the largest",
    "index": "the COCO index is missing or not that of the records",
    "leftover": "a file of a commit that was cut short, or of nobody",
}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Args:
        code: key of `CODES`.
        what: in words, with the values.
        frame: whose it is; None: of the set.
        instance: of the label; None: of the frame.
        file: name below the folder, where one is to blame.
    """

    code: str
    what: str
    frame: int | None = None
    instance: int | None = None
    file: str = ""


@dataclass(frozen=True)
class Thresholds:
    """From where on something is a finding.

    Args:
        tiny_px: a shorter side of a box below it is tiny.
        dark: mean display value in [0, 255] below which a picture is black.
        blown: share of pixels at 255 in all channels above which it is blown.
        hole: share of an object's pixels without depth above which it has a hole.
        empty: share of frames without label that is all right.
        imbalance: largest ratio of labels between two categories.
        bits: of 64 of the perceptual hash in which near duplicates may differ.
        correlation: of small grey pictures from which on they are near duplicates.
    """

    tiny_px: float = 3.0
    dark: float = 4.0
    blown: float = 0.6
    hole: float = 0.02
    empty: float = 0.5
    imbalance: float = 50.0
    bits: float = 3
    correlation: float = 0.999
