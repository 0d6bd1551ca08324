"""How people order films: tags, collections, playlists. Functions that never see a request."""
