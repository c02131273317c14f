"""Promises about speed and quality, each measured against a named peer in the same run."""
