"""From a plain table to a product.py whose every guess says why."""
