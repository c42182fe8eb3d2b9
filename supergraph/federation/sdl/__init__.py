"""Type-system documents: from SDL text to records, fast enough for supergraphs of any size."""
