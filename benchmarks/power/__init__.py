"""How often do tests of fake = real, and of copying, find what is there, and only that?"""
