"""Does `explain` name what was planted, and nothing where nothing was?"""
