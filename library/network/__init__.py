"""Films on a Filecoin network: placed with providers, committed on chain, looked after."""
