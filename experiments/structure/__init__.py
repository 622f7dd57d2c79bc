"""The structure of sculpted networks: path weights, units that are used, lesions and agreement."""
