"""What storing costs and how long the money lasts. Whole numbers of 1e-18 USDFC; pure."""
