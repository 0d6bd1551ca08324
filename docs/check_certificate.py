#!/usr/bin/env python3
"""
Check a film's certificate without filmedia: Python's own library and an RPC node suffice.

    python3 check_certificate.py CERTIFICATE.json [--rpc URL] [--film FILE] [--pieces FOLDER]

It asks the chain, for every copy, whether the data set has that piece under that id, whether
the data set is alive, and when it was last proven. With --film it hashes the film's bytes
(SHA-256, and the PieceCID too where the film is stored open); with --pieces it fetches every
piece from its providers into a folder and hashes it. Ends with 0 if all of it is right.
"""

import argparse
import hashlib
import json
import sys
import urllib.request
from base64 import b32decode, b32encode
from pathlib import Path

# The first four bytes of the Keccak-256 of each function's signature.
GET_PIECE_CID = "25bbbedf"  # getPieceCid(uint256,uint256)
PIECE_LIVE = "1a271225"  # pieceLive(uint256,uint256)
DATA_SET_LIVE = "ca759f27"  # dataSetLive(uint256)
LAST_PROVEN = "04595c1a"  # getDataSetLastProvenEpoch(uint256)
PDP_VERIFIER = "de4b6b71"  # pdpVerifierAddress()


def call(rpc, to, selector, *numbers):
    data = "0x" + selector + "".join(f"{number:064x}" for number in numbers)
    asked = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "eth_call",
        "params": [{"to": to, "data": data}, "latest"],
    }
    request = urllib.request.Request(
        rpc, json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)
    if "error" in answer:
        raise SystemExit(f"The node refused: {answer['error'].get('message')}")
    return bytes.fromhex(answer["result"][2:])


def number(data):
    return int.from_bytes(data[:32], "big")


def binary(cid):
    """The bytes of a CID's text."""
    text = cid[1:].upper()
    return b32decode(text + "=" * (-len(text) % 8))


def piece_cid(stream):
    """The PieceCID v2 of a stream of bytes, as FRC-0069 has it. Slow, and easy to follow."""
    stack, size, rest = [], 0, b""

    def push(node, level):
        while stack and stack[-1][1] == level:
            left, _ = stack.pop()
            node, level = combine(left, node), level + 1
        stack.append((node, level))

    def quad(data):
        value = int.from_bytes(data, "little")
        for index in range(4):
            push((value >> 254 * index & (1 << 254) - 1).to_bytes(32, "little"), 0)

    while portion := stream.read(127 * 8192):
        size += len(portion)
        rest += portion
        whole = len(rest) // 127 * 127
        for start in range(0, whole, 127):
            quad(rest[start : start + 127])
        rest = rest[whole:]
    if rest or not size:
        quad(rest.ljust(127, b"\0"))
    height = 2
    while 127 << height - 2 < size:
        height += 1
    zeros = [bytes(32)]
    while len(zeros) <= height:
        zeros.append(combine(zeros[-1], zeros[-1]))
    node, level = stack.pop()
    while stack or level < height:
        if stack and stack[-1][1] == level:
            node = combine(stack.pop()[0], node)
        else:
            node = combine(node, zeros[level])
        level += 1
    padding, varint = (127 << height - 2) - size, b""
    while padding > 127:
        varint += bytes([padding & 127 | 128])
        padding >>= 7
    digest = varint + bytes([padding, height]) + node
    raw = bytes([1, 0x55, 0x91, 0x20, len(digest)]) + digest
    return "b" + b32encode(raw).decode().rstrip("=").lower()


def combine(left, right):
    digest = bytearray(hashlib.sha256(left + right).digest())
    digest[31] &= 0x3F
    return bytes(digest)


def check_copies(certificate, rpc, say):
    network = certificate["network"]
    # Only the service's address is trusted; it names the verifier itself.
    verifier = "0x" + call(rpc, network["warm_storage_service"], PDP_VERIFIER)[12:32].hex()
    for piece in certificate["pieces"]:
        good = 0
        for copy in piece["copies"]:
            where = f"piece {piece['index']}, data set {copy['data_set_id']}, id {copy['piece_id']}"
            data_set, id = copy["data_set_id"], copy["piece_id"]
            alive = number(call(rpc, verifier, DATA_SET_LIVE, data_set))
            live = alive and number(call(rpc, verifier, PIECE_LIVE, data_set, id))
            if not live:
                say(False, f"{where}: the chain does not have it (any more)")
                continue
            told = call(rpc, verifier, GET_PIECE_CID, data_set, id)
            # A tuple of bytes: where it is, where its bytes are, how many, and they.
            length = number(told[64:96])
            same = told[96 : 96 + length] == binary(piece["piece_cid"])
            proven = number(call(rpc, verifier, LAST_PROVEN, data_set))
            good += same
            say(same, f"{where}: on chain; the data set was last proven at epoch {proven}")
        say(good >= certificate["state"]["wanted"], f"piece {piece['index']}: {good} copies")


def check_film(certificate, path, say):
    film = certificate["film"]
    with Path(path).open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    say(found == film["sha256"], f"SHA-256 of the film: {found}")
    if not film["encrypted"]:
        with Path(path).open("rb") as file:
            found = piece_cid(file)
        say(found == film["piece_cid"], f"PieceCID of the film: {found}")


def check_pieces(certificate, folder, say):
    Path(folder).mkdir(exist_ok=True)
    for piece in certificate["pieces"]:
        for copy in piece["copies"]:
            path = Path(folder) / f"{piece['index']:06d}.{copy['provider']['id']}"
            request = urllib.request.Request(copy["url"], headers={"Accept-Encoding": "identity"})
            with urllib.request.urlopen(request, timeout=60) as response, path.open("wb") as file:
                while portion := response.read(1 << 20):
                    file.write(portion)
            with path.open("rb") as file:
                found = piece_cid(file)
            say(found == piece["piece_cid"], f"{copy['url']}: {found}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("certificate")
    parser.add_argument("--rpc", help="an RPC node of your own choice")
    parser.add_argument("--film", help="a file with the film's bytes")
    parser.add_argument("--pieces", help="a folder to fetch the pieces into")
    given = parser.parse_args()
    certificate = json.loads(Path(given.certificate).read_text())
    if certificate.get("format") != "filmedia-certificate/1":
        raise SystemExit("This is no certificate of filmedia.")
    wrong = []

    def say(right, words):
        print(("right  " if right else "WRONG  ") + words)
        if not right:
            wrong.append(words)

    check_copies(certificate, given.rpc or certificate["network"]["rpc"], say)
    if given.film:
        check_film(certificate, given.film, say)
    if given.pieces:
        check_pieces(certificate, given.pieces, say)
    print(f"{len(wrong)} of the checks failed." if wrong else "All of it is right.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
