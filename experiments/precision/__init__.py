"""Does sculpting in bf16 find what it finds in fp32: the same trials, both ways."""
