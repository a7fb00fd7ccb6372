"""`python -m simgen.generate`: train on a machine that has torch and little else.

    python -m simgen.generate train JOB.json --out DIR [--root PICTURES] [--max-minutes M]
    python -m simgen.generate sample DIR --out FOLDER --number N

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
from simgen.learn.schedule import calm_threads


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    calm_threads()
    try:
        _train(options) if options.verb == "train" else _sample(options)
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


def _say(line: dict[str, Any]) -> None:
    shown = f"step {line['step']}  {line['done']:.0%}  loss {line['loss']:.4f}"
    print(f"{shown}  {line['images_per_s']} images/s", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
