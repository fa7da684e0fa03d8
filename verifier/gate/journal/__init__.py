"""The journal: a gate's own chain, what it has learnt of others', and the exchange of both."""
