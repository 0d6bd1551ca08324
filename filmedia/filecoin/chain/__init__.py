"""The chain: which one, how it is asked, what its contracts say, and transactions to it."""
