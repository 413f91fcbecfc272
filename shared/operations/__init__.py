"""What operators ask of a service: its schedule, its store, its projections, its dead letters."""
