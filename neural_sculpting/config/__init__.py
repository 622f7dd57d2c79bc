"""The typed configuration: schemas, loading, composing."""
