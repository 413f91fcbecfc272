"""Who acts: tokens, principals, sealed secrets."""
