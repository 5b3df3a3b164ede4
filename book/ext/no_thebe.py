"""Remove sphinx-thebe's scripts: Jupyter Book always adds them, and they call a stranger's server."""

from __future__ import annotations

from typing import Any

import sphinx_thebe
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Disconnect whatever sphinx-thebe has connected, and drop its style sheet."""
    for listeners in app.events.listeners.values():
        listeners[:] = [listener for listener in listeners if not _is_thebe(listener.handler)]
    app.registry.css_files = [entry for entry in app.registry.css_files if entry[0] != "sphinx-thebe.css"]
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _is_thebe(handler: Any) -> bool:
    return getattr(handler, "__module__", "").split(".")[0] == sphinx_thebe.__name__
