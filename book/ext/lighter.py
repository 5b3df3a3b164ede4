"""Leave out of the built pages what none of them needs: the state of live sliders."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

STATE = "application/vnd.jupyter.widget-state+json"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Drop the state page by page."""
    # After myst-nb, which adds the state.
    app.connect("html-page-context", drop_state, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def drop_state(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Drop what live sliders show from a page, which has the same as HTML."""
    scripts = context.get("script_files", [])
    scripts[:] = [script for script in scripts if getattr(script, "attributes", {}).get("type") != STATE]
