"""Films from elsewhere: from folders of this machine, and by the PieceCIDs of their pieces."""
