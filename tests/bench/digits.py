"""A VAE of 784-512-256-128-20 on scikit-learn's digits: time, loss, and whether samples are read.

    python -m tests.bench.digits OUT

A support vector classifier that never saw a sample names the digit of 100 samples, ten of each.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from simgen.generate.job import GeneratorJob, View
from simgen.generate.pictures import list_pictures
from simgen.learn.schedule import Machine, Schedule, calm_threads

NETWORK = {"hidden": [512, 256, 128], "latent": 20, "convolutional": False, "beta": 2.0}
SIDE, EACH = 28, 10


def write_digits(folder: Path) -> None:
    """The 1,797 digits, 8 x 8, as 28 x 28 PNGs in a folder a digit."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    for number, (picture, digit) in enumerate(zip(digits.images, digits.target, strict=True)):
        large = cv2.resize(picture / 16 * 255, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        path = folder / str(digit) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.clip(np.round(large), 0, 255).astype(np.uint8))


def main(out: Path, steps: int = 3000) -> dict[str, object]:
    """Train, sample, read; gives the figures."""
    calm_threads()
    from sklearn.svm import SVC

    from simgen.generate._torch_sampling import sample
    from simgen.generate._torch_training import train

    write_digits(out / "digits")
    listing = list_pictures(out / "digits", None, crops=False, min_px=8, held_out=0.2)
    job = GeneratorJob(
        "vae", NETWORK, str(listing.root), listing.items, listing.held_out, listing.categories,
        View(side=SIDE, grey=True),
        Schedule(steps=steps, batch=64, learning_rate=1e-3, weight_decay=0.0, ema_decay=0.995),
        Machine(device="cpu"),
    )  # fmt: skip
    card = train(job, out / "vae")
    began = time.monotonic()
    labels = [digit for digit in range(10) for _ in range(EACH)]
    made = np.stack(list(sample(out / "vae", labels, seed=0, device="cpu")))[..., 0]
    sampling_s = time.monotonic() - began

    def read(items: tuple) -> tuple[np.ndarray, np.ndarray]:
        pictures = [cv2.imread(str(listing.root / item.file), 0).ravel() / 255 for item in items]
        return np.array(pictures), np.array([item.category for item in items])

    judge = SVC(gamma=0.01, C=10).fit(*read(listing.items))
    lines = [json.loads(line) for line in (out / "vae" / "curve.jsonl").read_text().splitlines()]
    sheet = made.reshape(10, EACH, SIDE, SIDE).transpose(0, 2, 1, 3).reshape(10 * SIDE, -1)
    cv2.imwrite(str(out / "samples.png"), cv2.resize(sheet, None, fx=2, fy=2, interpolation=0))
    found = judge.predict(made.reshape(len(made), -1) / 255)
    return {
        "pictures": len(job.items),
        "parameters": card["parameters"],
        "steps": card["steps"],
        "seconds": card["seconds"],
        "loss_first": round(lines[0]["loss"], 1),
        "loss_last": round(lines[-1]["loss"], 1),
        "reconstruction": round(lines[-1]["reconstruction"], 1),
        "prior": round(lines[-1]["prior"], 1),
        "sampling_s": round(sampling_s, 2),
        "real_held_out_read": float(judge.score(*read(listing.held_out))),
        "samples_read": float((found == np.array(labels)).mean()),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), indent=1))
