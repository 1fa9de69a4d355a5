#!/bin/bash
#SBATCH --array=1-8
#SBATCH --cpus-per-task=8
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
# Submit it in the repository's folder; DATA and SHARED are folders that all nodes see.
deno task bench paper --table 3 --data "$DATA" --runs "$SHARED/runs" --cache "$SHARED/cache" \
  --threads "$SLURM_CPUS_PER_TASK" --max-hours 23.5
code=$?
# 75: there is more to do.
if [ "$code" -eq 75 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
fi
exit "$code"
