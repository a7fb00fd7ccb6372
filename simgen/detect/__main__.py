"""`python -m simgen.detect`: train and predict on a machine that has torch and little else.

    python -m simgen.detect train JOB.json --out DIR [--data NAME=DATASET ...]
    python -m simgen.detect train DATASET --out DIR --max-minutes 10
    python -m simgen.detect predict DETECTOR IMAGES --out results.json
    python -m simgen.detect batch PACK --out DIR --parallel 8

JOB.json comes from `simgen train CONFIG --write-job JOB.json`; `--data` says where its sources
lie on this machine; PACK comes from `simgen experiment FILE --out OUT --pack PACK`. Several GPUs
for one training: `accelerate launch -m simgen.detect train ...`.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from simgen.detect.card import categories_of, read_card
from simgen.detect.coco import locate
from simgen.detect.default_job import default_job
from simgen.detect.job import Inference, TrainJob, read_job
from simgen.detect.listing import list_images, write_results
from simgen.errors import Fault, SceneFileError, SimgenError
from simgen.learn.schedule import calm_threads


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    calm_threads()
    try:
        {"train": _train, "predict": _predict, "batch": _batch}[options.verb](options)
    except SimgenError as error:
        print("\n".join(str(fault) for fault in error.faults), file=sys.stderr)  # noqa: T201
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simgen.detect",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train", help="train a detector")
    train.add_argument("job", type=Path, help="JOB.json, dataset folder or COCO file")
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--data", action="append", default=[], metavar="NAME=PATH")
    train.add_argument("--images", action="append", default=[], metavar="NAME=FOLDER")
    train.add_argument("--max-minutes", type=float)
    train.add_argument("--device")
    predict = verbs.add_parser("predict", help="write COCO results")
    predict.add_argument("detector", type=Path)
    predict.add_argument("images", type=Path, help="COCO file, dataset or folder of pictures")
    predict.add_argument("--out", type=Path, required=True)
    predict.add_argument("--image-folder", type=Path)
    predict.add_argument("--side", type=int, default=0)
    predict.add_argument("--tile", type=int, default=0)
    predict.add_argument("--batch", type=int, default=8)
    predict.add_argument("--device", default="auto")
    batch = verbs.add_parser("batch", help="train and search all of a pack")
    batch.add_argument("pack", type=Path, help="folder of `simgen experiment --pack`")
    batch.add_argument("--out", type=Path, required=True)
    batch.add_argument("--parallel", type=int, default=1, help="trainings at the same time")
    batch.add_argument("--workers", type=int, default=-1, help="that make crops, per training")
    batch.add_argument("--only", metavar="NAME", help="this training alone, in this process")
    return parser


def _batch(options: argparse.Namespace) -> None:
    from simgen.detect.batch import run_one, run_pack

    if options.only:
        run_one(options.pack, options.only, options.out, options.workers)
    else:
        run_pack(options.pack, options.out, max(1, options.parallel), options.workers)


def _train(options: argparse.Namespace) -> None:
    from simgen.detect._torch_training import train

    job = _moved(_job(options.job), options)
    if options.device:
        job = replace(job, machine=replace(job.machine, device=options.device))
    if options.max_minutes:
        schedule = replace(job.schedule, max_minutes=options.max_minutes, steps=0, epochs=0.0)
        job = replace(job, schedule=schedule)
    card = train(job, options.out, _say)
    if card:
        facts = {name: card[name] for name in ("steps", "seconds", "device")}
        print(json.dumps({"out": str(options.out), **facts}))  # noqa: T201


def _job(path: Path) -> TrainJob:
    if path.is_file():
        try:
            data: Any = json.loads(path.read_bytes())
        except ValueError:
            return read_job(path)  # says what is wrong
        if not (isinstance(data, dict) and "images" in data):  # a COCO file has them
            return read_job(path)
    return default_job(path)


def _moved(job: TrainJob, options: argparse.Namespace) -> TrainJob:
    """The job with its sources where they lie on this machine."""
    sources = dict(job.sources)
    folders = dict(_pair(text) for text in options.images)
    for name, path in (_pair(text) for text in options.data):
        if name not in sources:
            cure = f"sources of this job: {', '.join(sources)}"
            raise SceneFileError(Fault("--data", f"there is no source {name!r}", cure))
        given = folders.get(name)
        annotations, images = locate(Path(path), Path(given) if given else None)
        sources[name] = replace(sources[name], annotations=str(annotations), images=str(images))
    return replace(job, sources=sources)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise SceneFileError(Fault(text, "expected NAME=PATH", "for example real=/data/real"))
    return name, value


def _predict(options: argparse.Namespace) -> None:
    from simgen.detect._torch_predict import predict

    categories = categories_of(read_card(options.detector))
    listing = list_images(options.images, options.image_folder, categories, {})
    settings = Inference(
        side=options.side, tile=options.tile, batch=options.batch, device=options.device
    )
    rows = predict(options.detector, listing, settings)
    write_results(rows, listing, options.out)
    facts = {"out": str(options.out), "images": len(listing.images), "detections": len(rows)}
    print(json.dumps(facts))  # noqa: T201


def _say(line: dict[str, Any]) -> None:
    shown = f"step {line['step']}  {line['done']:.0%}  loss {line['loss']:.3f}"
    print(f"{shown}  {line['images_per_s']} images/s", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
