"""
The command-line client: `filmedia login|upload|ls|get|verify`.

It knows the public API and nothing else of the library: neither Django nor the apps are
imported here, only httpx, rich and the PieceCIDs of `filmedia.filecoin.piece`.
"""
