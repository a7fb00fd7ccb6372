"""`python -m simgen.generate`: train on a machine that has torch and little else.

    python -m simgen.generate train JOB.json --out DIR [--root PICTURES] [--max-minutes M]
    python -m simgen.generate sample DIR --out FOLDER --number N
    python -m simgen.generate edit DIR PICTURES --out FOLDER --strength 0.15 0.35

`edit` is the refiner `sdedit` without its check: the folder that it writes goes to the refiner
`pictures`, which checks it.

JOB.json comes from `simgen generators train CONFIG --write-job JOB.json` (or `simgen refine
train`); `--root` says where its pictures lie on this machine.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from simgen.errors import SimgenError
from simgen.generate.card import read_card
from simgen.generate.job import read_job
from simgen.learn.schedule import Machine, calm_threads


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    calm_threads()
    try:
        {"train": _train, "sample": _sample, "edit": _edit}[options.verb](options)
    except SimgenError as error:
        print("\n".join(str(fault) for fault in error.faults), file=sys.stderr)  # noqa: T201
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simgen.generate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train", help="train a generator")
    train.add_argument("job", type=Path)
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--root", type=Path)
    train.add_argument("--max-minutes", type=float)
    train.add_argument("--device")
    sample = verbs.add_parser("sample", help="write pictures")
    sample.add_argument("generator", type=Path)
    sample.add_argument("--out", type=Path, required=True)
    sample.add_argument("--number", type=int, default=16)
    sample.add_argument("--seed", type=int, default=0)
    sample.add_argument("--device", default="auto")
    edit = verbs.add_parser("edit", help="add noise to pictures and take it away (SDEdit)")
    edit.add_argument("generator", type=Path)
    edit.add_argument("pictures", type=Path)
    edit.add_argument("--out", type=Path, required=True)
    edit.add_argument("--strength", type=float, nargs=2, default=(0.15, 0.35))
    edit.add_argument("--steps", type=int, default=30)
    edit.add_argument("--scale", type=float, default=1.0)
    edit.add_argument("--seed", type=int, default=0)
    edit.add_argument("--jpeg", type=int, default=0, help="quality; default: PNG")
    edit.add_argument("--device", default="auto")
    return parser


def _train(options: argparse.Namespace) -> None:
    from simgen.generate._torch_training import train

    job = read_job(options.job)
    if options.root:
        job = replace(job, root=str(options.root))
    if options.device:
        job = replace(job, machine=replace(job.machine, device=options.device))
    if options.max_minutes:
        schedule = replace(job.schedule, max_minutes=options.max_minutes, steps=0, epochs=0.0)
        job = replace(job, schedule=schedule)
    card = train(job, options.out, _say)
    facts = {name: card[name] for name in ("steps", "seconds", "device")}
    print(json.dumps({"out": str(options.out), **facts}))  # noqa: T201


def _sample(options: argparse.Namespace) -> None:
    import cv2

    from simgen.generate._torch_sampling import sample

    categories = len(read_card(options.generator)["categories"])
    labels = [number % categories for number in range(options.number)]
    options.out.mkdir(parents=True, exist_ok=True)
    made = sample(options.generator, labels, options.seed, device=options.device)
    for number, picture in enumerate(made):
        cv2.imwrite(str(options.out / f"{number:06d}.png"), picture[..., ::-1])
    print(json.dumps({"out": str(options.out), "pictures": options.number}))  # noqa: T201


def _edit(options: argparse.Namespace) -> None:
    import cv2
    import numpy as np

    from simgen.learn._torch_machine import open_machine
    from simgen.refine._torch_denoise import Denoiser

    device = open_machine(Machine(device=options.device, precision="float32")).device
    denoiser = Denoiser(options.generator, device, options.steps, options.scale)
    names = sorted(p for p in options.pictures.rglob("*") if p.suffix in (".png", ".jpg"))
    low, high = options.strength
    for number, path in enumerate(names):
        sequence = np.random.SeedSequence([options.seed, *path.stem.encode()])
        rng = np.random.Generator(np.random.PCG64(sequence))  # depends on the name alone
        share, seed = low + (high - low) * rng.random(), int(rng.random() * 2**53)
        rgb = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
        made = denoiser.edited(rgb, share, seed)[..., ::-1]
        target = options.out / path.relative_to(options.pictures)
        target = target.with_suffix(".jpg" if options.jpeg else ".png")
        target.parent.mkdir(parents=True, exist_ok=True)
        quality = [cv2.IMWRITE_JPEG_QUALITY, options.jpeg] if options.jpeg else []
        cv2.imwrite(str(target), made, quality)
        if number % 50 == 49:
            print(f"{number + 1} of {len(names)}", file=sys.stderr, flush=True)  # noqa: T201
    print(json.dumps({"out": str(options.out), "pictures": len(names)}))  # noqa: T201


def _say(line: dict[str, Any]) -> None:
    shown = f"step {line['step']}  {line['done']:.0%}  loss {line['loss']:.4f}"
    print(f"{shown}  {line['images_per_s']} images/s", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
