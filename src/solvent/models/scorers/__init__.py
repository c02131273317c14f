"""The native forms models are kept and read back in: a file each, found by its name.

A scorer needs numpy, numba or LightGBM's C library alone, so that an API which decides imports
nothing that trains. Each file has `load(files, technique)`, which reads what its model's `save`
gave. To add a form is to add a file.
"""
