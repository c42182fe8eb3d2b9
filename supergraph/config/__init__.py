"""Configuration: files and environment become frozen records, parsed once."""
