"""The player: one HTML file in which a net's training is watched and taken apart."""
