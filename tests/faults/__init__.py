"""The fault suite: kills, cuts and floods the platform, then settles what became of it all."""
