"""Foreign programs read what we publish, take our mails, ask what our documents allow."""
