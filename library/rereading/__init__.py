"""Reading stored films once more, to the last byte, and saying which block is not what it was."""
