#!/bin/sh
# Takes models and policies that were made elsewhere into this home, from a tar on the standard input:
#   tar -C HOME -c models policies | docker-compose run --rm --no-deps -T api receive.sh
# A version is moved in whole, so that a server which looks meanwhile sees all of it or nothing; one
# that is there already is left alone. What is received is judged by the server, as always.
set -eu
umask 077
drafts="$SOLVENT_HOME/.received.$$"
trap 'rm -rf "$drafts"' EXIT
mkdir -p "$drafts"
tar -x -C "$drafts" --no-same-owner --no-same-permissions

taken=0
for draft in "$drafts"/models/*/[0-9]* "$drafts"/policies/*/[0-9]*.json; do
    [ -e "$draft" ] || continue
    place="$SOLVENT_HOME/${draft#"$drafts"/}"
    if [ -e "$place" ]; then
        echo "there already  ${place#"$SOLVENT_HOME"/}"
        continue
    fi
    mkdir -p "${place%/*}"
    mv -T -n "$draft" "$place"
    echo "received       ${place#"$SOLVENT_HOME"/}"
    taken=$((taken + 1))
done
if [ "$taken" = 0 ]; then
    echo "receive.sh: nothing new; make the tar in the home of a training: tar -C HOME -c models policies" >&2
    exit 1
fi
