"""The bare loops: what a good engineer writes in an afternoon, without anything of ours."""
