#!/usr/bin/env bash
# The tests of backups with pg_dump, on a PostgreSQL of this machine that comes with one: the PostgreSQL of the npm package
# brings no pg_dump, and an older one than the server refuses. PG_BIN names the folder of its programs where it is not the
# newest below /usr/lib/postgresql. Needs pg_trgm there (on Debian it is part of the server's package).

set -euo pipefail
cd "$(dirname "$0")/.."

bin=${PG_BIN:-$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)}
if [ ! -x "$bin/initdb" ] || [ ! -x "$bin/pg_dump" ]; then
  echo 'No PostgreSQL with initdb and pg_dump here: name the folder of its programs by PG_BIN.'
  exit 1
fi

folder=$(mktemp -d)
port=${PG_PORT:-54329}
# PostgreSQL does not run as root.
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
  chown postgres "$folder"
  as_owner=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
clean_up() {
  (cd "$folder" && "${as_owner[@]}" "$bin/pg_ctl" stop --pgdata="$folder/data" --mode=immediate >/dev/null 2>&1) || true
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

(
  cd "$folder"
  "${as_owner[@]}" "$bin/initdb" --pgdata="$folder/data" --username=rollcall --auth=trust --encoding=UTF8 --no-sync >/dev/null
  "${as_owner[@]}" "$bin/pg_ctl" start --wait --pgdata="$folder/data" --log="$folder/log" \
    --options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c fsync=off -c max_connections=200" >/dev/null
)
"$bin/pg_dump" --version
npm run --silent generate
PATH="$bin:$PATH" TEST_DATABASE_URL="postgresql://rollcall@127.0.0.1:$port/postgres" npx vitest run test/backup.test.ts
