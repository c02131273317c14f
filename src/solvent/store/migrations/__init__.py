"""How the tables came to be: `env` runs `versions`, oldest first (see `solvent.store.schema`)."""
