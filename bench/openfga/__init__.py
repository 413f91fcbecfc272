"""OpenFGA, another system that decides who may do what."""
