"""
The keys of films that are stored encrypted, and the library key that keeps them.

    wrapping    what a library key does to other keys        (pure)
    keyring     which library keys there are, and where they lie
    films       the key of a film: made, opened, let go
    searching   the key that blinds words to be searched
    rotation    a new library key for all of them
    kit         the recovery kit: made, checked, read
    restoring   a library from its kit and its pieces
    startup     what must be right before anything is served
"""
