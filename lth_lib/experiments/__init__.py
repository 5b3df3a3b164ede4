"""What is trained, and what a finished run is asked."""
