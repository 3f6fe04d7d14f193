"""The proof of isolation over a planned stack, together with what is deployed of all others."""
