"""What habilitation shows of its store: what the actor may see, filtered, in pages."""
