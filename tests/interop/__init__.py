"""Foreign programs read what we publish: kcat, the CloudEvents SDKs, AsyncAPI, Prometheus."""
