"""What is signed, byte for byte, and the keys that sign it."""
