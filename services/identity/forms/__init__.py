"""What the HTTP door of identity takes and gives."""
