"""habilitation: what you may do. Organismes, conventions, groups, roles, who belongs to them."""
