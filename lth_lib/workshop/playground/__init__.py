"""What the page that trains in a browser is given, and the races that are stored for it."""
