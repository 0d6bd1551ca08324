"""Blocks that came from elsewhere, kept on disk for all viewers."""
