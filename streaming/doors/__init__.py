"""The addresses that give bytes, and who may come in there."""
