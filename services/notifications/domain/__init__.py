"""What a mail may become: pure, no await, no clock, no driver."""
