"""The scenes of the clips, one file each, and what they are painted and sounded with."""
