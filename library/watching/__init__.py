"""What belongs to watching: where somebody stopped, captions, chapters, what a player needs."""
