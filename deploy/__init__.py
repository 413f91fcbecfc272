"""How the platform runs: on this machine, in containers, on Kubernetes."""
