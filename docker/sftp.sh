#!/bin/sh
# The sample stores' till files, written once, behind an SFTP server with the host key that the workers expect.
#   sh docker/sftp.sh FOLDER PORT
set -eu
umask 077
stores=$1/stores
if [ ! -e "$stores" ]; then
  rm -rf "$stores.new"
  storeday sample --out "$stores.new" --start "$(date --date '7 days ago' +%F)"
  mv "$stores.new" "$stores"
fi
printf %s "$SFTP_HOST_KEY_BASE64" | base64 --decode > "$1/host_key"
exec python -m storeday.demo.sftp_server --root "$stores" --host 0.0.0.0 --port "$2" --host-key "$1/host_key"
