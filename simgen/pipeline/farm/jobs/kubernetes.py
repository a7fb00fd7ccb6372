"""A job file for Kubernetes: an indexed Job of shards, and one that waits for them.

Jobs of Kubernetes know no order, so the second one looks at the run folder until everything is
made or has failed (`simgen farm status --wait`). A shard has `_TRIES` more tries on fresh pods; it
goes on where it stopped. Needs Kubernetes 1.29 (`backoffLimitPerIndex`).
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

import yaml

from simgen.pipeline.farm.jobs.job import Job

_TRIES = 3
_GRACE_S = 60


def kubernetes(job: Job, image: str, claim: str = "", mount: str = "") -> str:
    """The text of the job file.

    Args:
        image: of a container in which `job.program` runs, see `docker/Dockerfile`.
        claim: persistent volume claim with scene files and OUT; "": OUT is a URL and the scene
            file is in the image.
        mount: where pods see it.
    """
    lines = [
        *job.setup,
        f'exec {shlex.join(job.render)} --shard "$JOB_COMPLETION_INDEX/{job.shards}"',
    ]
    resources = _resources(job.cpus, job.memory_gib, job.gpus)
    shards = {
        "completionMode": "Indexed",
        "completions": job.shards,
        "parallelism": job.at_once or job.shards,
        "backoffLimitPerIndex": _TRIES,
        "maxFailedIndexes": job.shards,
        "template": _pod(job, image, claim, mount, lines, resources, round(job.hours * 3600)),
    }
    wait = f"{shlex.join(job.status)} --wait || true  # failed worlds are told, not fatal"
    last = [*job.setup, wait, f"exec {shlex.join(job.finalize)}"]
    index = {
        "backoffLimit": _TRIES,
        "template": _pod(job, image, claim, mount, last, _resources(1, 4)),
    }
    documents = [_job(job.name, shards), _job(f"{job.name}-index", index)]
    head = "# Made by `simgen farm script --k8s`; kubectl apply -f FILE\n"
    return head + yaml.safe_dump_all(documents, sort_keys=False, width=100)


def _job(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": "simgen", "app.kubernetes.io/instance": name}
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def _resources(cpus: int, memory_gib: int, gpus: int = 0) -> dict[str, Any]:
    # Requests equal limits: a pod that is promised less than it uses is killed for memory.
    amount: dict[str, Any] = {"cpu": str(cpus), "memory": f"{memory_gib}Gi"}
    if gpus:
        amount["nvidia.com/gpu"] = str(gpus)
    return {"requests": dict(amount), "limits": dict(amount)}


def _pod(
    job: Job,
    image: str,
    claim: str,
    mount: str,
    lines: Sequence[str],
    resources: dict[str, Any],
    seconds: int = 0,
) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": "simgen",
        "image": image,
        "command": ["/bin/sh", "-euc", "\n".join(lines)],
        "workingDir": job.folder,
        "resources": resources,
    }
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": _GRACE_S,
        "containers": [container],
    }
    if seconds:
        spec["activeDeadlineSeconds"] = seconds
    if claim:
        container["volumeMounts"] = [{"name": "work", "mountPath": mount}]
        spec["volumes"] = [{"name": "work", "persistentVolumeClaim": {"claimName": claim}}]
    return {"spec": spec}
