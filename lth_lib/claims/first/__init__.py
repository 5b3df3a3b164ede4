"""The first edition of the rules (commit 94d203a); what they said of the first study stays as it was said."""
