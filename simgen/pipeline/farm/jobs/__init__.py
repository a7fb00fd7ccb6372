"""Job files for schedulers: an array of shards, then the index.

Purpose: `simgen farm script`. In scope: one file that a person hands to Slurm or Kubernetes,
made of a command as it is typed by hand. Out of scope: talking to a scheduler. Shards need no
coordination (`--shard I/N` is arithmetic), so that a job file is all there is to a cluster: each
task runs the same command with its own number, and a task that is started again goes on where it
stopped.
"""
