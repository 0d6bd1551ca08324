"""Figures for whoever watches over the library: how full it is, and how it does."""
