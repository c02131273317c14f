#!/bin/sh
# Takes the kernels compiled at build time to a folder that may be written, then starts what was asked.
set -eu
if [ ! -w "$NUMBA_CACHE_DIR" ]; then
    echo "entry.sh: $NUMBA_CACHE_DIR may not be written; mount a tmpfs there (see deploy/compose.yaml)" >&2
    exit 1
fi
cp -r /opt/kernels/. "$NUMBA_CACHE_DIR/"
exec "$@"
