"""
A client of Filecoin Onchain Cloud: pieces and their names, providers, the chain.

Imports neither Django nor the apps, and nothing here reads a setting: values are handed
in. Import the modules themselves; this one stays empty, so that a CID can be parsed
without loading anything that compiles or waits.
"""
