#!/bin/sh
# Write .env: .env.example, with every empty value filled by the command above it (the line "# $ ...").
# One that is there already is never overwritten: without its keys the databases can't be opened any more.
set -eu
umask 077
root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$root/.env}
if [ -e "$target" ]; then
  echo "$target is there already; take it away first, and its databases' volumes with it" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/commands"
while IFS= read -r line; do
  case $line in
    "# \$ "*) command=${line#"# \$ "} ;;
    [A-Z]*=)
      value=$(cd "$work/commands" && sh -ec "$command")
      [ -n "$value" ] || { echo "nothing came of: $command" >&2; exit 1; }
      line=$line$value
      ;;
  esac
  printf '%s\n' "$line"
done < "$root/.env.example" > "$work/env"
mv "$work/env" "$target"
