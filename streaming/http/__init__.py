"""What HTTP says about giving bytes: ranges, conditions, several parts, file names. Pure."""
