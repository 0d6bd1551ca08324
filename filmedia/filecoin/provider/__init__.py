"""Storage providers: what they say of themselves, which to choose, and speaking with one."""
