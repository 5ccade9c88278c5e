#!/bin/bash
#SBATCH --job-name=count-words
#SBATCH --partition=academy
#SBATCH --array=0-4
#SBATCH --mem=128M
#SBATCH --time=00:05:00
#SBATCH --output=task-%a.log

# Everything runs, and a damaged shard goes unnoticed: the error of the first program in the pipe is lost.
set -u
module load tokeniser/1.4
shard="shards/shard-$SLURM_ARRAY_TASK_ID.txt"
result="results/shard-$SLURM_ARRAY_TASK_ID.counts"
tokenise "$shard" | sort >"$result"
echo "task $SLURM_ARRAY_TASK_ID is done"
