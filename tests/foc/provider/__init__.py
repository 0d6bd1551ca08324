"""A storage provider that behaves as Curio does: over HTTP, on disk, and on the chain."""
