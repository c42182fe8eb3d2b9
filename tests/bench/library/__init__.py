"""The supergraph of the gateway's benchmark: a library's books, readers, reviews and shelves."""
