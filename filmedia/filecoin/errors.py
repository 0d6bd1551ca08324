"""
What can go wrong between us and Filecoin. Every text is a sentence that may be shown.

FilecoinError                   `retryable` says whether the same may work a moment later
├── PieceError                  the bytes, or what is said of them, cannot be a piece
│   ├── InvalidPieceCid         a text or some bytes that name no piece
│   └── InvalidHashState        a saved state of a hasher that is damaged or not ours
├── KernelUnavailable           this machine cannot hash in the way that was asked for
├── InvalidAmount               a text that is no amount of USDFC
├── InvalidAddress              a text that is no address, or one with a wrong checksum
├── ProviderUnfit               what a provider says of itself forbids using it
├── ProviderUnreachable         yes: no usable answer at all, or none in time
├── ProviderError               a provider answered, and it was a no
│   ├── PieceRefused            it does not take this piece: too small, too large, another CID
│   ├── NotThere                404: no such piece, session, data set or transaction
│   ├── Conflict                409: already so, or the data set has ended
│   ├── ProviderBusy            yes: 429 and 503, with the seconds to wait where it tells them
│   ├── ProviderFailed          yes: any 5xx; what a contract said may be in it
│   └── WrongAnswer             its answer is not what was asked for
├── RpcUnreachable              yes: no RPC node gives a usable answer
├── RpcBusy                     yes: the node wants fewer requests
├── RpcRefused                  the node answered with an error that is no revert
├── WrongChain                  the node serves another chain than the one chosen
├── WrongContracts              the service names other contracts than the table
├── SigningRefused              nothing was signed
│   ├── NoKey                   there is no key to sign with
│   └── KeyNotAuthorised        expired, revoked, or never allowed to do this
├── NotOnChain                  yes: a transaction that no node knows (yet)
└── Reverted                    a contract refused; `reverts` has a class for each reason
"""

from __future__ import annotations


class FilecoinError(Exception):
    """Root of everything this package raises on purpose."""

    retryable = False


class PieceError(FilecoinError):
    """The bytes, or what is said of them, cannot be a piece."""


class InvalidPieceCid(PieceError):
    def __init__(self, cid: str | bytes, why: str) -> None:
        self.cid, self.why = cid, why
        shown = repr(cid) if len(cid) <= 120 else f"{cid[:100]!r}…"
        super().__init__(f"{shown} is not a PieceCID: {why}.")


class InvalidHashState(PieceError):
    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"This state of a hash cannot be taken up again: {why}.")


class KernelUnavailable(FilecoinError):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"This machine cannot hash pieces in the {name!r} way.")


class InvalidAmount(FilecoinError):
    def __init__(self, given: str, why: str) -> None:
        self.given, self.why = given, why
        super().__init__(f"{given[:60]!r} is not an amount of USDFC: {why}.")


class InvalidAddress(FilecoinError):
    def __init__(self, given: str, why: str) -> None:
        self.given, self.why = given, why
        super().__init__(f"{given[:80]!r} is not an address: {why}.")


class ProviderUnfit(FilecoinError):
    """`why` ends the sentence "Provider 7 cannot be used: …"."""

    def __init__(self, provider: str, why: str) -> None:
        self.provider, self.why = provider, why
        super().__init__(f"{provider} cannot be used: {why}.")


class ProviderUnreachable(FilecoinError):
    retryable = True

    def __init__(self, provider: str, why: str) -> None:
        self.provider, self.why = provider, why
        super().__init__(f"{provider} cannot be reached: {why}.")


class ProviderError(FilecoinError):
    """`detail` is what the provider wrote, shortened; never trust it to be true."""

    def __init__(self, provider: str, status: int, detail: str = "") -> None:
        self.provider, self.status, self.detail = provider, status, detail
        said = f": {detail}" if detail else "."
        super().__init__(f"{provider} answered {status}{said}")


class PieceRefused(ProviderError):
    pass


class NotThere(ProviderError):
    pass


class Conflict(ProviderError):
    pass


class ProviderBusy(ProviderError):
    retryable = True

    def __init__(
        self, provider: str, status: int, detail: str = "", retry_after: float | None = None
    ) -> None:
        self.retry_after = retry_after
        super().__init__(provider, status, detail)


class ProviderFailed(ProviderError):
    retryable = True


class WrongAnswer(ProviderError):
    """`detail` says what is wrong with it, in our words."""


class RpcUnreachable(FilecoinError):
    retryable = True

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"The chain cannot be reached: {why}.")


class RpcBusy(FilecoinError):
    retryable = True

    def __init__(self, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__("The RPC node wants fewer requests; they go on in a moment.")


class RpcRefused(FilecoinError):
    def __init__(self, method: str, code: int | None, message: str) -> None:
        self.method, self.code, self.message = method, code, message
        super().__init__(f"The RPC node refused {method}: {message}")


class WrongChain(FilecoinError):
    def __init__(self, expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        super().__init__(
            f"The RPC node serves chain {found}, not {expected}. Nothing is signed: "
            "check FILECOIN_NETWORK and FILECOIN_RPC_URL."
        )


class WrongContracts(FilecoinError):
    def __init__(self, name: str, expected: str, found: str) -> None:
        self.name, self.expected, self.found = name, expected, found
        super().__init__(
            f"The storage service names {found} as its {name}; known is {expected}. Nothing is "
            "signed: either the RPC node lies, or filmedia has to be updated."
        )


class SigningRefused(FilecoinError):
    pass


class NoKey(SigningRefused):
    """The sentence says which key is missing, and never what was given instead."""


class KeyNotAuthorised(SigningRefused):
    """`expiry` is in unix seconds, and 0 where the key was never authorised, or was revoked."""

    def __init__(self, signer: str, operation: str, expiry: int) -> None:
        self.signer, self.operation, self.expiry = signer, operation, expiry
        why = "its access has expired or ends within the hour" if expiry else "it was never allowed"
        super().__init__(f"The session key {signer} may not do {operation}: {why}. Renew access.")


class NotOnChain(FilecoinError):
    retryable = True

    def __init__(self, transaction: str) -> None:
        self.transaction = transaction
        super().__init__(f"No node knows the transaction {transaction} yet.")


class Reverted(FilecoinError):
    """
    A contract refused. `name` is the error's own name ("" for a plain string), `facts` its
    arguments by name, `said` the text of a string revert.
    """

    def __init__(self, sentence: str, name: str = "", said: str = "", **facts: object) -> None:
        self.name, self.said, self.facts = name, said, facts
        super().__init__(sentence)
