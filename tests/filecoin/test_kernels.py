"""Every way to hash that this machine has gives the results of hashlib."""

import hashlib
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmedia.filecoin import kernels, tree
from filmedia.filecoin.digest import Sha256
from filmedia.filecoin.errors import KernelUnavailable
from filmedia.filecoin.kernels.constants import INITIAL, PADDED_ROUNDS, ROUND_CONSTANTS
from filmedia.filecoin.piece import PieceHasher
from filmedia.filecoin.tree import BLOCK_SIZE

ROOT = Path(__file__).parents[2]

every_kernel = pytest.mark.parametrize("name", kernels.available())


def slow_root(data: bytes) -> bytes:
    """The root by the definition, one leaf at a time."""
    whole = data.ljust(127 << tree.height_of(len(data)) - 2, b"\0")
    nodes = []
    for at in range(0, len(whole), 127):
        bits = int.from_bytes(whole[at : at + 127], "little")
        nodes += [(bits >> 254 * i & (1 << 254) - 1).to_bytes(32, "little") for i in range(4)]
    while len(nodes) > 1:
        pairs = zip(nodes[::2], nodes[1::2], strict=True)
        digests = [bytearray(hashlib.sha256(left + right).digest()) for left, right in pairs]
        for digest in digests:
            digest[31] &= 0x3F
        nodes = [bytes(digest) for digest in digests]
    return nodes[0]


def cpu_has_sha() -> bool:
    described = Path("/proc/cpuinfo")
    return described.exists() and " sha_ni" in described.read_text()


@pytest.mark.skipif(not cpu_has_sha(), reason="this CPU has no SHA instructions that we know of")
def test_the_sha_instructions_are_used_where_the_cpu_has_them():
    assert kernels.available() == ("native", "lanes", "pure")
    assert kernels.choose().name == "native"
    assert kernels.warm_up() == "native"


def test_a_kernel_is_loaded_once_however_many_ask_for_it():
    found = []
    threads = [threading.Thread(target=lambda: found.append(kernels.choose())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_a_kernel_that_nobody_wrote_is_refused():
    with pytest.raises(ValueError, match="native, lanes, pure"):
        kernels.choose("quick")


def test_a_kernel_that_the_machine_lacks_is_refused(monkeypatch):
    monkeypatch.setattr(kernels, "available", lambda: ("pure",))
    with pytest.raises(KernelUnavailable):
        kernels.choose("lanes")


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        pytest.param("NUMBA_CPU_NAME", "generic", "lanes", id="numba told to use no extensions"),
        pytest.param("NUMBA_CPU_FEATURES", "+sse2", "lanes", id="numba told to use few"),
        pytest.param("NUMBA_DISABLE_JIT", "1", "pure", id="numba told not to compile"),
    ],
)
def test_numba_is_not_asked_for_instructions_it_was_told_not_to_use(variable, value, expected):
    if kernels.available() == ("pure",):
        pytest.skip("this machine has no numba")
    code = "from filmedia.filecoin import kernels; print(kernels.available()[0])"
    environment = {"PATH": "", variable: value}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    assert done.stdout.decode().strip() == expected


def test_the_constants_are_those_of_the_standard():
    assert (INITIAL[0], INITIAL[7]) == (0x6A09E667, 0x5BE0CD19)
    assert (ROUND_CONSTANTS[0], ROUND_CONSTANTS[63]) == (0x428A2F98, 0xC67178F2)
    assert len(PADDED_ROUNDS) == 64


@every_kernel
@pytest.mark.parametrize(
    ("message", "digest"),
    [
        pytest.param(
            b"abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            id="FIPS 180-4, one block",
        ),
        pytest.param(
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            id="FIPS 180-4, two blocks",
        ),
    ],
)
def test_a_known_message_has_its_known_digest(name, message, digest):
    sha = Sha256(kernels.choose(name))
    sha.update(memoryview(message))
    assert sha.hexdigest() == digest


@every_kernel
@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000, 4096])
def test_a_digest_is_that_of_hashlib(name, size):
    data = bytes(i * 7 % 251 for i in range(size))
    sha = Sha256(kernels.choose(name))
    sha.update(memoryview(data[: size // 3]))
    sha.hexdigest()
    sha.update(memoryview(data[size // 3 :]))
    assert sha.hexdigest() == hashlib.sha256(data).hexdigest()


@every_kernel
@pytest.mark.parametrize("pairs", [0, 1, 2, 3, 4, 5, 15, 16, 17, 33, 100])
def test_parents_are_the_nodes_over_each_pair(name, pairs):
    nodes = hashlib.shake_256(b"nodes").digest(64 * pairs)
    expected = [
        tree.node(nodes[at : at + 32], nodes[at + 32 : at + 64]) for at in range(0, 64 * pairs, 64)
    ]
    assert kernels.choose(name).parents(nodes) == b"".join(expected)


@every_kernel
@pytest.mark.parametrize("quads", [*range(1, 10), 31, 32, 63, 64, 65, 100, 511, 512, 513])
def test_a_root_is_that_of_the_definition(name, quads):
    for size in (127 * quads - 126, 127 * quads - 1, 127 * quads):
        data = hashlib.shake_256(b"quads").digest(size)
        hasher = PieceHasher(kernels.choose(name))
        hasher.update(data)
        assert hasher.finish().root == slow_root(data)


@pytest.mark.parametrize("value", [0x00, 0xFF, 0x80, 0x01])
@every_kernel
def test_every_bit_of_a_quad_finds_its_leaf(name, value):
    for at in range(127):
        data = bytes(at) + bytes([value]) + bytes(126 - at)
        hasher = PieceHasher(kernels.choose(name))
        hasher.update(data)
        assert hasher.finish().root == slow_root(data)


@settings(deadline=None, max_examples=40)
@given(
    before=st.integers(0, 1100),
    count=st.integers(0, 1100),
    seed=st.binary(max_size=8),
)
def test_kernels_leave_the_same_stack_behind_from_wherever_they_begin(before, count, seed):
    data = memoryview(hashlib.shake_128(seed).digest(127 * (before + count)))
    stacks = []
    for name in kernels.available():
        stack, kernel = bytearray(64 * 32), kernels.choose(name)
        kernel.absorb(stack, 0, data[: 127 * before])
        kernel.absorb(stack, before, data[127 * before :])
        waiting = [level for level in range(2, 64) if (before + count) >> level - 2 & 1]
        stacks.append([bytes(stack[32 * level : 32 * level + 32]) for level in waiting])
    assert all(stack == stacks[0] for stack in stacks)


@every_kernel
def test_the_roots_of_blocks_come_out_as_they_are_completed(name):
    block = hashlib.shake_128(b"block").digest(BLOCK_SIZE)
    half = BLOCK_SIZE // 2
    kernel, stack, data = kernels.choose(name), bytearray(64 * 32), memoryview(block)
    assert kernel.absorb(stack, 0, data[:half]) == b""
    [root] = [kernel.absorb(stack, 4096, data[half:])]
    assert root == stack[15 * 32 : 16 * 32] == slow_root(block)


@every_kernel
def test_readonly_and_writable_buffers_are_the_same_to_a_kernel(name):
    kernel, data = kernels.choose(name), bytes(range(127)) * 3
    stacks = []
    for buffer in (data, bytearray(data)):
        stack = bytearray(64 * 32)
        kernel.absorb(stack, 0, memoryview(buffer))
        stacks.append(stack)
        state = bytearray(struct.pack(">8I", *INITIAL))
        kernel.compress(state, memoryview(buffer)[:320])
        stacks.append(state)
    assert stacks[:2] == stacks[2:]


@pytest.mark.parametrize("name", [name for name in kernels.available() if name != "pure"])
def test_a_compiled_kernel_lets_other_threads_run(name):
    kernel, data = kernels.choose(name), memoryview(bytes(8 * BLOCK_SIZE))
    hashing, heard, told = threading.Event(), threading.Event(), []

    def hash_until_heard() -> None:
        hashing.set()
        for _ in range(500):
            kernel.absorb(bytearray(64 * 32), 0, data)
            if heard.is_set():
                told.append("while hashing")
                return

    # Nobody takes the GIL away for an hour, so the main thread runs only if it is let go.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(3600)
    thread = threading.Thread(target=hash_until_heard)
    try:
        thread.start()
        hashing.wait()
        heard.set()
    finally:
        thread.join()
        sys.setswitchinterval(interval)
    assert told == ["while hashing"]
