#!/bin/sh
# Makes the secrets that compose.yaml reads, once; those that are there are kept.
#   sudo deploy/secrets.sh [FOLDER]        FOLDER: deploy/secrets, or what SOLVENT_SECRETS says
# Each is a file that the user of the containers alone may read.
set -eu
umask 077
user=10001
folder="${1:-${SOLVENT_SECRETS:-$(dirname "$0")/secrets}}"
mkdir -p "$folder"

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; } # 43 letters
keep() { # NAME TEXT
    [ -e "$folder/$1" ] || printf '%s\n' "$2" >"$folder/$1"
}

keep postgres_password "$(random)"
keep database_url "postgresql://solvent:$(cat "$folder/postgres_password")@postgres:5432/solvent"
redis_password="$(random)"
keep redis_conf "requirepass $redis_password"
keep redis_url "redis://:$(sed 's/^requirepass //' "$folder/redis_conf")@redis:6379/0"
keep admin_key "slv_$(random)"

chmod 0400 "$folder"/*
if ! chown "$user:$user" "$folder"/* 2>/dev/null; then
    echo "secrets.sh: the files must belong to user $user: sudo chown $user:$user $folder/*" >&2
    exit 1
fi
chmod 0755 "$folder"
echo "secrets are in $folder; the first admin key is $folder/admin_key"
