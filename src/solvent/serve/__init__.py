"""The HTTP API, and the application form that anybody can fill in without JavaScript."""

from solvent.serve.api import create_api

__all__ = ["create_api"]
