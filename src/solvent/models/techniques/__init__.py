"""The techniques there are: a file each, found by its name.

Each file holds a `technique`, see `solvent.models.technique.Technique`. To add one is to add a
file: here, or beside a `product.py` for that product alone.
"""
