"""Peers of the quality tables. Each is run by the interpreter of an environment of its own."""
