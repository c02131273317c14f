"""One file per change of the tables, numbered; a file that was released is never changed."""
