"""What is done to many films at once: looked at beforehand, done film by film, and taken back."""
