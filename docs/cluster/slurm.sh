#!/bin/bash
# Two nodes, one worker each: sbatch docs/cluster/slurm.sh, from the repository, which all nodes must see.
#SBATCH --job-name=realign
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --time=24:00:00
#SBATCH --signal=USR1@300
#SBATCH --requeue

# The first start begins a run; a job that was requeued goes on with it.
RUNS=runs/slurm-$SLURM_JOB_ID
if [ -d "$RUNS" ]; then BEGIN="--resume latest"; else BEGIN="cls-shapes"; fi

srun --kill-on-bad-exit=1 deno task train $BEGIN --runs "$RUNS" --workers-from slurm --threads "$SLURM_CPUS_PER_TASK"
