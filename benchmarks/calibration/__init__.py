"""Do the intervals cover, and do the tests keep their level?"""
