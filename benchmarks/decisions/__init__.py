"""Decisions: is A as good as B, how many images are needed, may a training loop be looked at?"""
