"""Pictures: a table in, an Altair chart out."""
