"""One file per use case: what the command line, the API and the pages ask for."""
