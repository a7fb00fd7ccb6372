"""URDF: an asset per link from its visuals, in the rest pose (all joints at zero)."""

from __future__ import annotations

import math
import os
import xml.etree.ElementTree as xml
from collections.abc import Callable
from typing import Any

import bmesh
import bpy
from mathutils import Euler, Matrix, Vector

from .imports_collect import Draft
from .imports_faults import Refusal

_SEGMENTS = 48


def open_urdf(
    path: str, assembled: bool, load: Callable[[str], list[Any]]
) -> tuple[list[Draft], set[str], list[dict[str, str]]]:
    """Objects for all visuals (XML format: wiki.ros.org/urdf/XML).

    Args:
        assembled: also one asset of all links together.
        load: objects of a mesh file.

    Returns:
        A draft per link with visuals, the files that were read, faults.

    Raises:
        Refusal: not URDF.
    """
    try:
        robot = xml.parse(path).getroot()
    except (xml.ParseError, OSError) as error:
        raise Refusal(path, f"cannot be read as XML: {error}", "expand xacro files first") from None
    if robot.tag != "robot":
        raise Refusal(path, f"expected <robot>, got <{robot.tag}>", "name a URDF file")
    reader = _Reader(path, robot, load)
    poses = _rest_poses(path, robot)
    drafts, roots = [], set()
    for link in robot.findall("link"):
        name = link.get("name", "")
        if link.find("visual") is None:
            continue
        root = bpy.data.objects.new(f"link {name}", None)
        bpy.context.scene.collection.objects.link(root)
        root.matrix_world = poses[name]
        where = f"{path} link {name}"
        try:
            for visual in link.findall("visual"):
                reader.visual(visual, root, poses[name], where)
        except Refusal as refusal:
            reader.faults += refusal.faults
            continue
        drafts.append(Draft(name, {root.name}, poses[name], 1.0, where))
        roots.add(root.name)
    if assembled and not reader.faults:
        drafts.append(Draft(robot.get("name", "robot"), roots, Matrix.Identity(4), 1.0, path))
    return drafts, reader.files, reader.faults


def _rest_poses(path: str, robot: Any) -> dict[str, Any]:
    joints = {}
    for joint in robot.findall("joint"):
        parent, child = joint.find("parent"), joint.find("child")
        if parent is not None and child is not None:
            joints[child.get("link")] = (parent.get("link"), _origin(joint))
    poses: dict[str, Any] = {}
    for link in robot.findall("link"):
        name, pose, seen = link.get("name"), Matrix.Identity(4), set()
        at = name
        while at in joints:
            if at in seen:
                raise Refusal(path, f"the joints above link {name!r} form a ring", "repair it")
            seen.add(at)
            at, step = joints[at]
            pose = step @ pose
        poses[name] = pose
    return poses


def _origin(element: Any) -> Any:
    origin = element.find("origin")
    if origin is None:
        return Matrix.Identity(4)
    place = Matrix.Translation(_numbers(origin.get("xyz", "0 0 0")))
    return place @ Euler(_numbers(origin.get("rpy", "0 0 0")), "XYZ").to_matrix().to_4x4()


def _numbers(text: str) -> Any:
    return Vector([float(part) for part in text.split()])


class _Reader:
    def __init__(self, path: str, robot: Any, load: Callable[[str], list[Any]]) -> None:
        self.path, self.load = path, load
        self.files: set[str] = set()
        self.faults: list[dict[str, str]] = []
        self.looks: dict[str, Any] = {}
        for material in robot.findall("material"):
            self.material(material)

    def visual(self, visual: Any, root: Any, pose: Any, where: str) -> None:
        """The objects of a visual, hung below `root`, which is at `pose`."""
        geometry = visual.find("geometry")
        shape = geometry[0] if geometry is not None and len(geometry) else None
        if shape is None:
            raise Refusal(where, "a visual has no geometry", "repair it")
        place = pose @ _origin(visual)
        if shape.tag == "mesh":
            things = self.load(self.resolve(shape.get("filename", ""), where))
            place = place @ Matrix.Diagonal((*_numbers(shape.get("scale", "1 1 1")), 1))
        else:
            things = [_primitive(shape, where)]
        look = visual.find("material")
        material = None if look is None else self.material(look)
        for thing in things:
            if material is not None and thing.type == "MESH":
                _fill(thing.data, material)
            if thing.parent is None:
                thing.parent = root
                thing.matrix_parent_inverse = pose.inverted() @ place

    def resolve(self, name: str, where: str) -> str:
        """A mesh or texture: `package://`, `file://`, or relative to the URDF."""
        here = os.path.dirname(os.path.abspath(self.path))
        found = os.path.join(here, name.removeprefix("file://"))
        if name.startswith("package://"):
            inside = name.removeprefix("package://")
            while not os.path.exists(os.path.join(here, inside)) and here != os.path.dirname(here):
                # The URDF may itself lie in the package, whose folder may have another name.
                if os.path.exists(os.path.join(here, *inside.split("/")[1:])):
                    inside = os.path.join(*inside.split("/")[1:])
                    break
                here = os.path.dirname(here)
            found = os.path.join(here, inside)
        if not os.path.isfile(found):
            cure = "restore it, or put the package beside or above the URDF"
            raise Refusal(where, f"names the file {name!r}, which is not there", cure)
        self.files.add(os.path.realpath(found))
        return found

    def material(self, element: Any) -> Any:
        name = element.get("name", "")
        color, texture = element.find("color"), element.find("texture")
        if color is None and texture is None:
            return self.looks.get(name)
        material = bpy.data.materials.new(name or "material")
        material.use_nodes = True
        shader = material.node_tree.nodes["Principled BSDF"]
        if color is not None:
            red, green, blue, alpha = _numbers(color.get("rgba", "1 1 1 1"))
            linear = [_to_linear(v) for v in (red, green, blue)]
            shader.inputs["Base Color"].default_value = (*linear, 1)
            shader.inputs["Alpha"].default_value = alpha
        if texture is not None:
            node = material.node_tree.nodes.new("ShaderNodeTexImage")
            path = self.resolve(texture.get("filename", ""), f"{self.path} material {name}")
            node.image = bpy.data.images.load(path)
            material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
        if name:
            self.looks[name] = material
        return material


def _fill(mesh: Any, material: Any) -> None:
    """As RViz does: a mesh file's own materials win over the URDF's."""
    if not len(mesh.materials):
        mesh.materials.append(material)
    for number, own in enumerate(mesh.materials):
        if own is None:
            mesh.materials[number] = material


def _to_linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _primitive(shape: Any, where: str) -> Any:
    made = bmesh.new()
    if shape.tag == "box":
        size = Matrix.Diagonal((*_numbers(shape.get("size", "1 1 1")), 1))
        bmesh.ops.create_cube(made, size=1, matrix=size, calc_uvs=True)
    elif shape.tag == "cylinder":
        radius, length = float(shape.get("radius")), float(shape.get("length"))
        bmesh.ops.create_cone(
            made, cap_ends=True, segments=_SEGMENTS, radius1=radius, radius2=radius,
            depth=length, calc_uvs=True,
        )  # fmt: skip
    elif shape.tag == "sphere":
        bmesh.ops.create_uvsphere(
            made, u_segments=_SEGMENTS, v_segments=_SEGMENTS // 2,
            radius=float(shape.get("radius")), calc_uvs=True,
        )  # fmt: skip
    else:
        raise Refusal(where, f"the shape <{shape.tag}> is unknown", "use box, cylinder, sphere")
    mesh = bpy.data.meshes.new(shape.tag)
    made.to_mesh(mesh)
    made.free()
    mesh.shade_smooth()
    mesh.set_sharp_from_angle(angle=math.radians(30))
    thing = bpy.data.objects.new(shape.tag, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing
