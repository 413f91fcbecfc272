"""The store: the driver's only seam."""
