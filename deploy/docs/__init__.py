"""The documents generated from the contracts, and the promise that a published one keeps."""
