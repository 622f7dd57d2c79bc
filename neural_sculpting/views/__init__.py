"""What people look at: pictures, the terminal, the page."""
