"""Tasks whose hierarchy changes after a network has been sculpted: what is found again, how soon, and what is kept."""
