"""Renditions: a film once more in other qualities, made when somebody asks for them."""
