"""Our contracts have what the client calls and reads, under the published names and types."""

import pytest

from filmedia.filecoin.chain import contracts
from tests.foc.compile import artifacts

_DECLARED = {
    "USDFC": "USDFC",
    "PAY": "FilecoinPayV1",
    "FWSS": "FilecoinWarmStorageService",
    "VIEW": "StateView",
    "PDP": "PDPVerifier",
    "REGISTRY": "ServiceProviderRegistry",
    "SESSIONS": "SessionKeyRegistry",
    "ENDORSED": "ProviderIdSet",
    "MULTICALL": "Multicall3",
}


def _types(parameters):
    return [_type(one) for one in parameters]


def _type(parameter):
    if "components" not in parameter:
        return parameter["type"]
    return f"({','.join(_types(parameter['components']))}){parameter['type'].removeprefix('tuple')}"


def _offered(contract, kind):
    """Inputs and outputs, or inputs and which of them are indexed, by signature."""
    offered = {}
    for entry in artifacts()[contract].abi:
        if entry["type"] == kind:
            inputs = _types(entry["inputs"])
            signature = f"{entry['name']}({','.join(inputs)})"
            offered[signature] = (
                _types(entry["outputs"])
                if kind == "function"
                else [one["indexed"] for one in entry["inputs"]]
            )
    return offered


@pytest.mark.parametrize("declared", _DECLARED)
def test_what_the_client_calls_is_there(declared):
    offered = _offered(_DECLARED[declared], "function")
    for function in getattr(contracts, declared).functions.values():
        assert offered[function.signature] == [one.type for one in function.outputs]


@pytest.mark.parametrize("declared", _DECLARED)
def test_what_the_client_follows_is_emitted(declared):
    offered = _offered(_DECLARED[declared], "event")
    for event in getattr(contracts, declared).events.values():
        signature = f"{event.name}({','.join(one.type for one in event.inputs)})"
        assert offered[signature] == [one.indexed for one in event.inputs]
