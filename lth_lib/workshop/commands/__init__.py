"""What `python -m lth_lib` does: each command is a file, with a function `run` that returns the exit status."""

__all__: list[str] = []
