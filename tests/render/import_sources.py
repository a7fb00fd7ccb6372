"""Makes the sources of the import tests; run as a script, since bpy stays out of the tests."""

from __future__ import annotations

import sys
from pathlib import Path

import bpy
import numpy as np


def material(name: str):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    tree = made.node_tree
    return made, tree, tree.nodes["Principled BSDF"]


def mesh_object(name: str, collection=None):
    """A tetrahedron with one corner at the origin."""
    mesh = bpy.data.meshes.new(name)
    corners = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    mesh.from_pydata(corners, [], [(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)])
    thing = bpy.data.objects.new(name, mesh)
    (collection or bpy.context.scene.collection).objects.link(thing)
    return thing


def cube(name: str, **place):
    bpy.ops.mesh.primitive_cube_add(**place)
    bpy.context.object.name = name
    return bpy.context.object


def picture(path: Path, colors=((255, 0, 0), (0, 0, 255))):
    """Left half of the first colour, right half of the second."""
    image = bpy.data.images.new(path.stem, 16, 16)
    pixels = np.ones((16, 16, 4), np.float32)
    pixels[:, :8, :3] = np.array(colors[0]) / 255
    pixels[:, 8:, :3] = np.array(colors[1]) / 255
    image.pixels.foreach_set(pixels.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)


def textured(name: str, image):
    made, tree, shader = material(name)
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.links.new(node.outputs[0], shader.inputs["Base Color"])
    return made


def fresh():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def shapes(out: Path):
    """Modifiers, instances, particles; whatever a render shows."""
    fresh()
    ball = cube("Ball", size=1.0, location=(3, 2, 1))
    smooth = ball.modifiers.new("smooth", "SUBSURF")
    smooth.levels, smooth.render_levels = 0, 2
    row = cube("Row", size=0.2, location=(-3, 0, 0))
    array = row.modifiers.new("array", "ARRAY")
    array.count, array.relative_offset_displace = 3, (1.5, 0, 0)
    child = mesh_object("child")
    child.parent, child.location = row, (0, 0, 1)
    parts = bpy.data.collections.new("parts")
    mesh_object("part", parts)
    mirrored = bpy.data.objects.new("Mirrored", None)
    mirrored.instance_type, mirrored.instance_collection = "COLLECTION", parts
    mirrored.location, mirrored.scale = (0, 5, 0), (-1, 2, 1)
    bpy.context.scene.collection.objects.link(mirrored)
    sheared = bpy.data.objects.new("inner", None)
    sheared.instance_type, sheared.instance_collection = "COLLECTION", parts
    sheared.parent, sheared.location, sheared.rotation_euler = mirrored, (3, 0, 0), (0, 0, 0.5)
    bpy.context.scene.collection.objects.link(sheared)
    scattered()
    hairy = cube("Hairy", size=1.0, location=(0, -8, 0))
    hair = hairy.modifiers.new("hair", "PARTICLE_SYSTEM").particle_system.settings
    hair.type, hair.count, hair.render_type = "HAIR", 5, "OBJECT"
    hair.display_percentage = 0
    hair.instance_object = mesh_object("seed")
    bpy.data.objects["seed"].hide_render = True
    hidden = cube("Hidden")
    hidden.hide_render = True
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    bpy.context.scene.collection.objects.link(lamp)
    bpy.context.scene.unit_settings.system = "METRIC"
    bpy.context.scene.unit_settings.scale_length = 0.1
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "shapes.blend"))


def scattered():
    """Cubes that geometry nodes put on the corners of a plane."""
    group = bpy.data.node_groups.new("scatter", "GeometryNodeTree")
    for side in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Geometry", in_out=side, socket_type="NodeSocketGeometry")
    names = ("NodeGroupInput", "NodeGroupOutput", "GeometryNodeInstanceOnPoints")
    start, end, put = (group.nodes.new(name) for name in names)
    block = group.nodes.new("GeometryNodeMeshCube")
    block.inputs["Size"].default_value = (0.2, 0.2, 0.2)
    group.links.new(start.outputs[0], put.inputs["Points"])
    group.links.new(block.outputs["Mesh"], put.inputs["Instance"])
    group.links.new(put.outputs[0], end.inputs[0])
    bpy.ops.mesh.primitive_plane_add(size=2, location=(-4, -4, 0))
    bpy.context.object.name = "Scattered"
    bpy.context.object.modifiers.new("nodes", "NODES").node_group = group


def looks(out: Path):
    """Materials: a texture as it is, procedural, mixed, without counterpart, missing."""
    fresh()
    picture(out / "halves.png")
    image = bpy.data.images.load(str(out / "halves.png"))
    bpy.ops.mesh.primitive_plane_add(size=1)
    bpy.context.object.name = "Plain"
    bpy.context.object.data.materials.append(textured("Halves", image))

    made, tree, shader = material("Checked")
    checks = tree.nodes.new("ShaderNodeTexChecker")
    checks.inputs["Color1"].default_value = (0.9, 0.1, 0.1, 1)
    checks.inputs["Color2"].default_value = (0.1, 0.1, 0.9, 1)
    checks.inputs["Scale"].default_value = 4
    where = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(where.outputs["Object"], checks.inputs["Vector"])
    tree.links.new(checks.outputs["Color"], shader.inputs["Base Color"])
    shader.inputs["Coat Weight"].default_value = 0.5
    block = cube("Procedural", size=1.0, location=(2, 0, 0.5))
    block.data.materials.append(made)

    made, tree, shader = material("Mixed")
    shader.inputs["Base Color"].default_value = (0.2, 0.4, 0.6, 1)
    shader.inputs["Roughness"].default_value = 0.2
    metal = tree.nodes.new("ShaderNodeBsdfAnisotropic")
    metal.inputs["Color"].default_value = (0.6, 0.4, 0.2, 1)
    metal.inputs["Roughness"].default_value = 0.4
    both = tree.nodes.new("ShaderNodeMixShader")
    both.inputs[0].default_value = 0.5
    tree.links.new(shader.outputs[0], both.inputs[1])
    tree.links.new(metal.outputs[0], both.inputs[2])
    tree.links.new(both.outputs[0], tree.nodes["Material Output"].inputs[0])
    cube("Mixed", size=1.0, location=(4, 0, 0.5)).data.materials.append(made)

    both = cube("Both", size=1.0, location=(8, 0, 0))
    squares = np.tile([0, 0, 1, 0, 1, 1, 0, 1], 6).astype(np.float32)
    both.data.uv_layers[0].uv.foreach_set("vector", squares)  # each face shows all of a picture
    both.data.materials.append(bpy.data.materials["Checked"])
    both.data.materials.append(bpy.data.materials["Halves"])
    for face in both.data.polygons[1:]:
        face.material_index = 1

    (out / "gone.png").write_bytes((out / "halves.png").read_bytes())
    lost = bpy.data.images.load(str(out / "gone.png"))
    cube("Lost", size=1.0, location=(6, 0, 0)).data.materials.append(textured("Lost", lost))
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "looks.blend"), relative_remap=True)
    (out / "gone.png").unlink()


def hostile(out: Path):
    """A script that registers itself, a driver with Python, and a handler's text."""
    fresh()
    mark = out / "executed"
    text = bpy.data.texts.new("evil.py")
    text.write(f"open({str(mark)!r}, 'w').close()\n")
    text.use_module = True
    block = cube("Bait", size=1.0)
    driver = block.driver_add("location", 0).driver
    driver.type = "SCRIPTED"
    driver.expression = f"len(open({str(mark)!r}, 'w').name) and 7.0"
    made, _, shader = material("Driven")
    driver = shader.inputs["Roughness"].driver_add("default_value").driver
    driver.expression = f"len(open({str(mark)!r}, 'w').name) and 1.0"
    block.data.materials.append(made)
    mark.unlink(missing_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "hostile.blend"))
    mark.unlink(missing_ok=True)


def formats(out: Path):
    """One textured tetrahedron in every format that Blender writes."""
    fresh()
    thing = mesh_object("thing")
    made, _, shader = material("paint")
    shader.inputs["Base Color"].default_value = (0.1, 0.2, 0.7, 1)
    thing.data.materials.append(made)
    thing.select_set(True)
    bpy.ops.export_scene.fbx(filepath=str(out / "thing.fbx"))
    bpy.ops.wm.usd_export(filepath=str(out / "thing.usdc"))
    bpy.ops.wm.collada_export(filepath=str(out / "thing.dae"))
    bpy.ops.wm.stl_export(filepath=str(out / "thing.stl"), forward_axis="Y", up_axis="Z")
    bpy.ops.wm.obj_export(filepath=str(out / "thing.obj"), forward_axis="Y", up_axis="Z")
    bpy.ops.export_scene.gltf(
        filepath=str(out / "draco.glb"), export_draco_mesh_compression_enable=True
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for make in (shapes, looks, hostile, formats):
        make(folder)
