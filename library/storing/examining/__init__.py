"""
The program that looks into files of which nobody knows what they are.

It runs as a process of its own, so that a file made to break FFmpeg breaks only that. It
imports neither Django nor the rest of the library, opens no files, and asks the worker
for every byte of the film over one socket; `wire` is the language they speak.
"""
