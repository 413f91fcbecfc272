"""Changes of the shape of identity's store, numbered."""
