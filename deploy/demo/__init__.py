"""The demo: one real journey, played from outside through topics and HTTP, told as it goes."""
