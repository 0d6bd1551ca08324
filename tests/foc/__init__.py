"""Filecoin Onchain Cloud in small: contracts on a local EVM node, and providers."""
