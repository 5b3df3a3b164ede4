"""What goes, what is seen of the rest, and what is left without it."""
