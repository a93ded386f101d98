#!/bin/sh
# Signs and sends a transaction with curl alone: base64 of the wire transaction on standard input.
#   CHANCERY_SOCKET=demo/run/signer.sock RPC_URL=https://api.devnet.solana.com sh sign.sh trading-1 < transfer.b64
set -eu
key=$1
# `base64` breaks its lines, which JSON does not allow in a text.
transaction=$(tr -d '\r\n')

chancery() {
  curl --silent --show-error --unix-socket "$CHANCERY_SOCKET" http://localhost/ -H 'content-type: application/json' \
    -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":$2}"
}

answer=$(chancery signTransaction "{\"key\":\"$key\",\"transaction\":\"$transaction\"}")
signed=$(printf %s "$answer" | sed -n 's/.*"transaction":"\([^"]*\)".*/\1/p')
if [ -z "$signed" ]; then
  # The error, with the code and every rule that failed.
  printf '%s\n' "$answer" >&2
  exit 1
fi
curl --silent --show-error "$RPC_URL" -H 'content-type: application/json' \
  -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sendTransaction\",\"params\":[\"$signed\",{\"encoding\":\"base64\"}]}"
echo
