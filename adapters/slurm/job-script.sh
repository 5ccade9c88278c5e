#!/bin/bash
# Runs one stage of a practical at a site. This text is the same for every job; what differs comes in the
# environment, in forms that were checked before, and is always quoted.
umask 027
here="$ACADEMY_JOBS/$ACADEMY_KEY"
# Making a folder works for one only: a late duplicate ends at once. 71, 75 and 124 are ours.
mkdir "$here" || { [ -d "$here" ] && exit 75; exit 71; }
# Which job with this key did the work, and how it ended: the accounting of some sites forgets exit codes.
printf '%s\n' "$SLURM_JOB_ID" >"$here/.job"
end() { printf '%s\n' "$1" >"$here/.ending" && mv "$here/.ending" "$here/.ended"; exit "$1"; }
cd "$here" && mkdir out && cp -R --no-preserve=all "$ACADEMY_INBOX/$ACADEMY_KEY/inputs/." . || end 71
[ -r "$ACADEMY_INBOX/$ACADEMY_KEY/secret" ] || end 71
if [ -n "${ACADEMY_ARTEFACT_OF:-}" ]; then
  env -i "$ACADEMY_NODE" --disable-warning=ExperimentalWarning "$ACADEMY_TAKE" \
    "$ACADEMY_ARTEFACTS" "$ACADEMY_ARTEFACT_OF" "$here/artefact" "$ACADEMY_OUTPUT_BYTES" || end 71
fi

# Of the environment only what the academy gave; the secret on standard input, where nobody else can read it.
given=()
for name in "${!SKA_@}"; do given+=("$name=${!name}"); done
SECONDS=0
env -i "${given[@]}" /usr/bin/timeout --kill-after=5 "$ACADEMY_WALL_SECONDS" \
  /usr/bin/prlimit --core=0 --cpu="$ACADEMY_CPU_SECONDS" --fsize="$ACADEMY_OUTPUT_BYTES" --nofile="$ACADEMY_OPEN_FILES" -- \
  "$ACADEMY_NODE" --max-old-space-size="$ACADEMY_MEMORY_MIB" --disable-warning=ExperimentalWarning "$ACADEMY_PROGRAM" \
  <"$ACADEMY_INBOX/$ACADEMY_KEY/secret"
status=$?
overran=$((SECONDS >= ACADEMY_WALL_SECONDS))
case "$status" in
  124 | 137) if [ "$overran" = 1 ]; then status=124; else [ "$status" = 124 ] && status=1; fi ;;
  71 | 75) status=1 ;;
esac
chmod -R g+rX out
end "$status"
