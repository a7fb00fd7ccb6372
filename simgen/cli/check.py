"""`simgen check`: validate a scene file and what it points at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simgen.cli import options


@click.command("check")
@options.SCENE
@options.SETS
@options.PLUGIN_DIR
@options.RENDERER
@options.QUALITY
@click.option("--deep", is_flag=True, help="Open every asset and texture, draw the first worlds.")
@options.JSON
@options.debug
def command(
    scene: Path,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
    renderer: str | None,
    quality: str | None,
    deep: bool,
    as_json: bool,
) -> None:
    """Validate SCENE: settings, plugins, paths, categories; with --deep what they lead to.

    Without --deep it takes less than a second and neither opens meshes nor draws anything; `render`
    looks as deep as --deep does before it makes OUT.
    """
    from simgen.pipeline.plan import RenderRequest, prepare, unplanned

    request = RenderRequest(
        scene, renderer=renderer, quality=quality, sets=sets, plugin_dirs=plugin_dirs
    )
    registry = request.registry()
    plan, checked = prepare(request, registry)
    facts: dict[str, Any] = {
        "scene": str(scene),
        "type": checked.file.scene.type,
        "objects": {c.key: c.section.asset for c in checked.collections},
        "categories": {c.id: c.name for c in checked.categories},
        "renderer": plan.manifest.engine,
        "outputs": list(plan.manifest.outputs),
        "input_hash": plan.manifest.input_hash,
    }
    if deep:
        from simgen.pipeline.preflight import preflight

        facts["assets_built"] = preflight(plan, checked, registry)
    wishes = unplanned(checked)
    if wishes:
        facts["to_plan"] = [fault.where for fault in wishes]
    options.print_facts(facts, as_json)
    if not as_json:
        click.echo("\n".join(["ok", *(f"{f.what}: {f.cure}" for f in wishes)]), err=True)
