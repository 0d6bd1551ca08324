"""HLS over the renditions of a film: one file a quality, and playlists of its byte ranges."""
