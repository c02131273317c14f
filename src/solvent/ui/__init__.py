"""The pages, for people who lend: Streamlit over the API, with the user's own key.

Nothing here decides, reads a store or knows a model: the pages show what `solvent.client` returns.
"""

from solvent.ui.launch import command, environment

__all__ = ["command", "environment"]
