"""Blocks of films from elsewhere: which providers have them, which is asked, which is right."""
