"""An agent in Python with nothing but its standard library: JSON-RPC over HTTP on the daemon's Unix socket.

    CHANCERY_SOCKET=demo/run/signer.sock RPC_URL=https://api.devnet.solana.com python3 agent.py DESTINATION LAMPORTS
"""

import base64
import http.client
import json
import os
import socket
import sys
import urllib.request

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class UnixConnection(http.client.HTTPConnection):
    """HTTP/1.1 over a Unix socket; kept open, since the daemon knows a caller by its connection."""

    def __init__(self, path: str):
        super().__init__("localhost", timeout=15)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Refused(Exception):
    """The daemon's error: `data` has the code and every rule that failed."""

    def __init__(self, error: dict):
        super().__init__(error["message"])
        self.data = error["data"]


class Chancery:
    def __init__(self, path: str):
        self.connection = UnixConnection(path)
        self.id = 0

    def call(self, method: str, **params):
        self.id += 1
        request = {"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}
        self.connection.request("POST", "/", json.dumps(request), {"content-type": "application/json"})
        answer = json.load(self.connection.getresponse())
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]


def solana(method: str, *params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(os.environ["RPC_URL"], body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=15) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RuntimeError(answer["error"]["message"])
    return answer["result"]


def address(text: str) -> bytes:
    number = 0
    for character in text:
        number = number * 58 + ALPHABET.index(character)
    return number.to_bytes(32, "big")


def transfer(source: str, destination: str, lamports: int, blockhash: str) -> bytes:
    """A legacy transaction with one System transfer; its one signature slot is empty."""
    data = (2).to_bytes(4, "little") + lamports.to_bytes(8, "little")
    message = (
        bytes([1, 0, 1, 3])  # one signer; of three accounts the last, the program, is read only
        + address(source)
        + address(destination)
        + bytes(32)  # the System program
        + address(blockhash)
        + bytes([1, 2, 2, 0, 1, len(data)])  # one instruction: program 2, accounts 0 and 1
        + data
    )
    return bytes([1]) + bytes(64) + message


def main() -> int:
    destination, lamports = sys.argv[1], int(sys.argv[2])
    chancery = Chancery(os.environ["CHANCERY_SOCKET"])
    key = chancery.call("listKeys")[0]
    blockhash = solana("getLatestBlockhash")["value"]["blockhash"]
    wire = transfer(key["publicKey"], destination, lamports, blockhash)
    try:
        signed = chancery.call("signTransaction", key=key["id"], transaction=base64.b64encode(wire).decode())
    except Refused as refused:
        print(refused.data["code"], json.dumps(refused.data["failures"]), file=sys.stderr)
        return 1
    # The daemon may fill the slot of the key and nothing else.
    if base64.b64decode(signed["transaction"])[65:] != wire[65:]:
        raise RuntimeError("the daemon changed the transaction")
    print(solana("sendTransaction", signed["transaction"], {"encoding": "base64"}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
