"""What is done with a film after its last byte: steps, and the worker that takes them."""
