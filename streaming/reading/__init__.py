"""From a window of a film to its bytes, wherever they are."""
