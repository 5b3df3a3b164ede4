"""The library of an executable book on the Lottery Ticket Hypothesis."""
