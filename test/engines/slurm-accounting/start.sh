#!/usr/bin/env bash
# The Slurm of ../slurm once more, beside it, with accounting: slurmdbd over a MariaDB of its own. Finished jobs leave
# the controller's memory after seconds, so that whoever asks for one asks the accounting.
ACCOUNTING=1 exec bash "$(dirname "${BASH_SOURCE[0]}")/../slurm/start.sh"
