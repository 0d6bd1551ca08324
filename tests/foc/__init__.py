"""The stand-in network: an EVM node with our own contracts, and providers that act on it."""

from filmedia.filecoin.recursion import bounded_recursion

with bounded_recursion():
    # Packages below these would let the tests recurse until the process dies.
    import eth_account  # noqa: F401
    import web3  # noqa: F401
