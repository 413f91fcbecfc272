"""The published language: examples, registry, documents, compatibility."""
