"""From the document's syntax to normalized selections."""
