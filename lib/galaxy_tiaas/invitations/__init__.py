"""Inviting people to teach a training with its requester."""
