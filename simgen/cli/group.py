"""The group of verbs, loaded one by one, and how errors become messages and exit codes."""

from __future__ import annotations

import importlib
import keyword
import os
import sys
from typing import Any

import click

import simgen
from simgen.cli import options
from simgen.errors import SimgenError

# Verb -> short help; the help page needs none of the verbs' modules.
VERBS = {
    "check": "Validate a scene file and the files it points at.",
    "schema": "Print the JSON schema of scene files, for editors.",
    "plan": "Balance classes and edge cases: weights from a pilot.",
    "sample": "Print worlds and frames as JSON lines, without pixels.",
    "render": "Render a dataset, or one frame again from its record.",
    "finalize": "Write the COCO index of a run folder.",
    "farm": "Job files for clusters; how a run is coming along.",
    "verify": "Check every file against its record; repair what is damaged.",
    "view": "Write a page to browse a dataset with.",
    "stats": "Count labels, sum up every recorded parameter.",
    "subset": "Take some frames of a dataset.",
    "filter": "Keep frames and labels for which expressions hold.",
    "split": "Make training and validation sets, by world.",
    "merge": "Merge datasets.",
    "diff": "Compare two datasets frame by frame.",
    "lint": "Look at every picture and label for what is wrong.",
    "show": "Draw a contact sheet with boxes, masks and labels.",
    "parity": "Compare an engine's masks, depth and normals with the labels.",
    "import": "Make a dataset of labelled photographs in another format.",
    "export": "Write a dataset in another format.",
    "train": "Train a detector on labelled images.",
    "predict": "Search images with a trained detector.",
    "evaluate": "Judge detections: metrics, slices, errors, what to change.",
    "coverage": "Compare what the scene file asks for with what came out.",
    "gap": "Compare a synthetic set with a real one.",
    "refine": "Make pixels look like photographs; labels are checked.",
    "augment": "Copy-paste, mosaic and others; labels move along.",
    "layouts": "Fit how objects lie in real pictures, for the randomizer layout.",
    "generators": "Train small generative networks, sample them.",
    "experiment": "Train on several mixes of data, judge all on real photographs.",
    "assets": "Import .blend, URDF, BOP and other files as meshes; lint folders of meshes.",
    "plugins": "List installed plugins.",
}


class _Verbs(click.Group):
    """Imports a verb's module when the verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module = f"{name}_" if keyword.iskeyword(name) else name
        command: click.Command = importlib.import_module(f"simgen.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else f" Verbs: {', '.join(VERBS)}."
            raise click.UsageError(f"there is no verb {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(simgen.__version__, prog_name="simgen")
def group() -> None:
    """A scene file becomes an annotated vision dataset."""


def run() -> None:
    """Run the command line and exit with 0, 1 (work failed) or 2 (usage or bad input)."""
    debug = "--debug" in sys.argv[1:]
    _prepare_process()
    try:
        result = group.main(prog_name="simgen", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        _print_json([{"where": "simgen", "what": error.format_message(), "cure": "see --help"}])
        error.show()
        sys.exit(error.exit_code)
    except options.PrintedError as printed:
        _report(printed.error, debug)
        sys.exit(printed.error.exit_code)
    except SimgenError as error:
        _print_json([vars(fault) for fault in error.faults])
        _report(error, debug)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped; the same command goes on where it was", err=True)
        sys.exit(1)
    except BrokenPipeError:  # `simgen sample ... | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        _crash(error, debug)
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)


def _prepare_process() -> None:
    """SIGTERM stops as Ctrl-C does; hints of other rooms are shown once each."""
    import logging
    import signal

    def stop(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    said: set[str] = set()

    def fresh(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        return not (text in said or said.add(text))  # type: ignore[func-returns-value]

    handler = logging.StreamHandler()
    handler.addFilter(fresh)
    logging.getLogger("simgen").addHandler(handler)


def _print_json(faults: list[dict[str, str]]) -> None:
    if "--json" in sys.argv[1:]:
        import json

        click.echo(json.dumps({"error": faults}))


def _report(error: SimgenError, debug: bool) -> None:
    if debug:
        _traceback(error)
    click.echo("\n".join(str(fault) for fault in error.faults), err=True)


def _crash(error: Exception, debug: bool) -> None:
    if debug:
        _traceback(error)
    what = f"{type(error).__name__}: {error}"
    _print_json([{"where": "simgen", "what": what, "cure": "report this bug"}])
    click.echo(f"simgen\n  {type(error).__name__}: {error}", err=True)
    click.echo("  -> this is a bug; run again with --debug and report what it prints", err=True)


def _traceback(error: Any) -> None:
    import traceback

    traceback.print_exception(error)
