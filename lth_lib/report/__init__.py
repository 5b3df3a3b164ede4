"""What replicates let us say: tables in; figures, verdicts and sliders out."""
