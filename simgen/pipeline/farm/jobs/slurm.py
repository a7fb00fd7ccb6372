"""A job file for Slurm: a shell script that submits itself, first as an array, then for the index.

One file and one command (`sh FILE`) rather than two files and a job number to copy from one to the
other. The last task waits for all shards, whatever became of them (`afterany`): an index of what is
there is worth having, and running the file again makes what is missing.
"""

from __future__ import annotations

import shlex

from simgen.pipeline.farm.jobs.job import Job

_SCRIPT = """\
#!/bin/sh
# Made by `simgen farm script --slurm`. Start it on a login node:  sh {file}
# It submits an array of {shards} shards, and a task that writes the index when they have ended.
# Starting it again makes only what is missing.
#SBATCH --job-name={name}
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --output=%x-%A_%a.log
#SBATCH --requeue
set -eu
self=$(realpath "$0")
cd {folder}
{setup}case "${{1:-submit}}" in
submit)
    if [ -n "${{SLURM_JOB_ID:-}}" ]; then
        echo "start this file with sh on a login node, not with sbatch" >&2
        exit 2
    fi
    array=$(sbatch --parsable --array={array} --cpus-per-task={cpus} --mem={memory}G \\
        {gpus}--time={time} "$self" shard)
    array=${{array%%;*}}  # a federation adds the cluster's name
    last=$(sbatch --parsable --dependency=afterany:"$array" --cpus-per-task=1 --mem=4G \\
        --time=04:00:00 --output=%x-%j.log "$self" finalize)
    echo "shards: job $array; index: job ${{last%%;*}}"
    echo {follow}
    ;;
shard)
    exec {render} \\
        --shard "$SLURM_ARRAY_TASK_ID/{shards}"
    ;;
finalize)
    {finalize}
    {status}
    ;;
*)
    echo "expected no argument, shard or finalize, got $1" >&2
    exit 2
    ;;
esac
"""


def slurm(job: Job, file: str = "FILE") -> str:
    """The text of the job file.

    Args:
        file: its name, as the comment in it says it.
    """
    limit = f"%{job.at_once}" if job.at_once else ""
    follow = "how it goes: " + shlex.join(job.status)
    return _SCRIPT.format(
        file=file,
        shards=job.shards,
        name=job.name,
        folder=shlex.quote(job.folder),
        setup="".join(f"{line}\n" for line in job.setup),
        array=f"0-{job.shards - 1}{limit}",
        cpus=job.cpus,
        memory=job.memory_gib,
        gpus=f"--gpus-per-node={job.gpus} " if job.gpus else "",
        time=_clock(job.hours),
        follow=shlex.quote(follow),
        render=shlex.join(job.render),
        finalize=shlex.join(job.finalize),
        status=shlex.join(job.status),
    )


def _clock(hours: float) -> str:
    """Slurm's `hours:minutes:seconds`."""
    minutes = max(1, round(hours * 60))
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
