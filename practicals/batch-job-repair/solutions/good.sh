#!/bin/bash
#SBATCH --job-name=count-words
#SBATCH --partition=academy
#SBATCH --array=0-4
#SBATCH --mem=64M
#SBATCH --time=00:05:00
#SBATCH --output=task-%a.log

# A failure anywhere in a pipe is a failure of the task.
set -euo pipefail
module load tokeniser/1.4
shard="shards/shard-$SLURM_ARRAY_TASK_ID.txt"
result="results/shard-$SLURM_ARRAY_TASK_ID.counts"
tokenise "$shard" | sort >"$result"
